"""The source of what the numbers of many readings say of layers and weights, in one pass over them.

It follows the source of what packs them, which makes the library with it.
"""

SAID = r"""
static inline bool finite(double x) { return x - x == 0; }

/* The k-th smallest of n numbers, which are put in another order: those before it are not larger, those behind it not
   smaller. */
static double nth(double* x, long n, long k) {
    long from = 0, to = n - 1;
    while (from < to) {
        double middle = x[from + (to - from) / 2];
        long i = from, j = to;
        while (i <= j) {
            while (x[i] < middle) ++i;
            while (x[j] > middle) --j;
            if (i <= j) {
                double other = x[i];
                x[i++] = x[j];
                x[j--] = other;
            }
        }
        if (k <= j) to = j;
        else if (k >= i) from = i;
        else break;
    }
    return x[k];
}

/* The k-th smallest of n numbers, and the next one, or the same where there is none. The numbers may change places. */
enum { FEW = 64 };
static void around(double* x, long n, long k, double* here, double* next) {
    const long count = k + 2 < n ? k + 2 : n;
    if (count > FEW) {
        *here = *next = nth(x, n, k);
        if (k + 1 < n) {
            *next = x[k + 1];
            for (long r = k + 2; r < n; ++r) *next = x[r] < *next ? x[r] : *next;
        }
        return;
    }
    double least[FEW];
    long known = 0;
    for (long r = 0; r < n; ++r) {
        if (known == count && x[r] >= least[count - 1]) continue;
        long place = known < count ? known++ : count - 1;
        for (; place > 0 && x[r] < least[place - 1]; --place) least[place] = least[place - 1];
        least[place] = x[r];
    }
    *here = least[k];
    *next = least[count - 1];
}

/* Of the numbers of steps, in which from `at` on `members` layers of u units and n examples stand one after the other
   as `extremes` left them, for each step and layer: the share of dead examples, dead units, affine units, the largest
   absolute value, the lowest top of an example, the largest range of a unit, and the sums of the slack above and below.
   Returns whether a number is not finite; then nothing of it counts. */
extern "C" int extremes_say(const float** numbers, long steps, long at, long members, long u, long n, double* out) {
    double odd = 0;
    for (long t = 0; t < steps; ++t)
        for (long m = 0; m < members; ++m, out += 8) {
            const float *tops = numbers[t] + at + m * (2 * u + n), *bottoms = tops + u, *points = bottoms + u;
            long dead = 0, affine = 0, gone = 0;
            float most = -INF, least = INF, lowest = INF, range = -INF;
            double plus = 0, minus = 0, sums = 0;
            for (long j = 0; j < u; ++j) {
                float high = tops[j], deep = bottoms[j], up = 1 - high, down = 1 + deep;
                dead += high <= 0;
                affine += deep > 0;
                most = high > most ? high : most;
                least = deep < least ? deep : least;
                range = high - deep > range ? high - deep : range;
                plus += up > 0 ? up : 0;
                minus += down > 0 ? down : 0;
                sums += (double)high + deep;
            }
            for (long e = 0; e < n; ++e) {
                gone += points[e] <= 0;
                lowest = points[e] < lowest ? points[e] : lowest;
                sums += points[e];
            }
            odd += sums - sums;
            out[0] = (double)gone / n;
            out[1] = dead;
            out[2] = affine;
            out[3] = most > -least ? most : -least;
            out[4] = lowest;
            out[5] = range;
            out[6] = plus;
            out[7] = minus;
        }
    return odd != 0;
}

/* Likewise of weights of n rows as `rows` left them: the mean of the torques, their percentile `share`, units without
   gradient, |weight| and |gradient|, which is divided by the scale of the step. `work` has room for n numbers. */
extern "C" int rows_say(const float** numbers, long steps, long at, long members, long n, long turn, double share,
                        const double* scales, double* work, double* out) {
    double odd = 0;
    for (long t = 0; t < steps; ++t)
        for (long m = 0; m < members; ++m, out += 5) {
            const float *own = numbers[t] + at + m * 3 * n, *slope = own + n, *across = slope + n;
            long known = 0, none = 0;
            double whole = 0, weight = 0, gradient = 0;
            const double scale = scales[t];
            const bool scaled = scale != 1;
            for (long r = 0; r < n; ++r) {
                double w = own[r], g = scaled ? slope[r] / scale : slope[r];
                weight += w * w;
                gradient += g * g;
                none += g == 0;
                if (turn && w > 0 && g > 0) {
                    double torque = (scaled ? across[r] / scale : across[r]) / g;
                    torque = torque > 1 ? 1 : torque;
                    work[known++] = torque;
                    whole += torque;
                }
            }
            odd += (weight - weight) + (gradient - gradient) + (whole - whole);
            out[0] = whole / known;
            out[1] = out[0];
            if (known) {
                double place = share * (known - 1);
                long k = (long)place;
                if (!finite(whole)) return 1;
                double here, next;
                around(work, known, k, &here, &next);
                out[1] = here + (place - k) * (next - here);
            }
            out[2] = none;
            out[3] = __builtin_sqrt(weight);
            out[4] = __builtin_sqrt(gradient);
        }
    return odd != 0;
}

/* The sum of the squares of n numbers, or of n differences, by halves, as numpy adds. */
template <bool MOVED>
static double squares(const float* a, const float* b, long n) {
    if (n > 128) {
        const long half = n / 2 - n / 2 % WIDE;
        return squares<MOVED>(a, b, half) + squares<MOVED>(a + half, b + half, n - half);
    }
    D parts = {};
    long j = 0;
    for (; j + WIDE <= n; j += WIDE) {
        D d = MOVED ? wide(get(b + j)) - wide(get(a + j)) : wide(get(a + j));
        parts += d * d;
    }
    double whole = ((parts[0] + parts[1]) + (parts[2] + parts[3])) + ((parts[4] + parts[5]) + (parts[6] + parts[7]));
    for (; j < n; ++j) {
        double d = MOVED ? (double)b[j] - a[j] : a[j];
        whole += d * d;
    }
    return whole;
}

extern "C" void squares_say(const float** numbers, long steps, long n, double* out) {
    for (long t = 0; t < steps; ++t) out[t] = squares<false>(numbers[t], numbers[t], n);
}

/* Of entries of weights before and after a step, for each step and weight: the sums of the squares of the entries, and
   then of their differences. */
extern "C" void moves_say(const float** before, const float** after, long steps, long weights, const long* counts,
                          double* own, double* moved) {
    for (long t = 0; t < steps; ++t) {
        const float *a = before[t], *b = after[t];
        for (long k = 0; k < weights; a += counts[k], b += counts[k], ++k) {
            *own++ = squares<false>(a, b, counts[k]);
            *moved++ = squares<true>(a, b, counts[k]);
        }
    }
}
"""
