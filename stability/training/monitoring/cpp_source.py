"""The source of one pass over pre-activations, and one over weights with their gradients, for CPUs.

Numbers are those of 32 bits, in memory one after the other. Sums of squares and products are of 64 bits: no square of
32 bits overflows or vanishes there, and the part of a gradient across a row is the difference of two of them.
"""

SOURCE = r"""
typedef float V __attribute__((vector_size(32)));
typedef int M __attribute__((vector_size(32)));
typedef double D __attribute__((vector_size(64)));
enum { WIDE = 8 };
static const float INF = __builtin_inff();

static inline V get(const float* x) { V v; __builtin_memcpy(&v, x, sizeof v); return v; }
static inline void put(float* x, V v) { __builtin_memcpy(x, &v, sizeof v); }
static inline V larger(V a, V b) { return a > b ? a : b; }
static inline V smaller(V a, V b) { return a < b ? a : b; }
static inline V all(float x) { V v; for (int i = 0; i < WIDE; ++i) v[i] = x; return v; }
static inline bool any(M m) { int found = 0; for (int i = 0; i < WIDE; ++i) found |= m[i]; return found != 0; }
static inline float top(V v) { float t = v[0]; for (int i = 1; i < WIDE; ++i) t = v[i] > t ? v[i] : t; return t; }
static inline float low(V v) { float t = v[0]; for (int i = 1; i < WIDE; ++i) t = v[i] < t ? v[i] : t; return t; }
static inline double sum(D d) { double s = 0; for (int i = 0; i < WIDE; ++i) s += d[i]; return s; }
static inline D wide(V v) { return __builtin_convertvector(v, D); }

/* Units stand last: R rows of one place each, at once. */
template <int R>
static inline void rows_at_once(const float* z, long u, float* tops, float* bottoms, float* points, M& bad, int& odd) {
    V point[R];
    long j = 0;
    for (int r = 0; r < R; ++r) point[r] = all(-INF);
    for (; j + WIDE <= u; j += WIDE) {
        V high = get(tops + j), deep = get(bottoms + j);
        for (int r = 0; r < R; ++r) {
            V x = get(z + r * u + j);
            high = larger(x, high);
            deep = smaller(x, deep);
            point[r] = larger(x, point[r]);
            bad |= x != x;
        }
        put(tops + j, high);
        put(bottoms + j, deep);
    }
    for (int r = 0; r < R; ++r) {
        float most = top(point[r]);
        for (long k = j; k < u; ++k) {
            float x = z[r * u + k];
            odd |= x != x;
            tops[k] = x > tops[k] ? x : tops[k];
            bottoms[k] = x < bottoms[k] ? x : bottoms[k];
            most = x > most ? x : most;
        }
        points[r] = most > points[r] ? most : points[r];
    }
}

static int units_last(const float* z, long n, long places, long u, float* tops, float* bottoms, float* points) {
    M bad = {};
    int odd = 0;
    if (places == 1) {
        long e = 0;
        for (; e + 4 <= n; e += 4) rows_at_once<4>(z + e * u, u, tops, bottoms, points + e, bad, odd);
        for (; e < n; ++e) rows_at_once<1>(z + e * u, u, tops, bottoms, points + e, bad, odd);
    } else {
        for (long r = 0; r < n * places; ++r)
            rows_at_once<1>(z + r * u, u, tops, bottoms, points + r / places, bad, odd);
    }
    return odd | any(bad);
}

static int units_second(const float* z, long n, long u, long places, float* tops, float* bottoms, float* points) {
    M bad = {};
    int odd = 0;
    for (long e = 0; e < n; ++e) {
        float point = -INF;
        for (long j = 0; j < u; ++j, z += places) {
            long p = 0;
            float most = -INF, least = INF;
            if (places >= WIDE) {
                V high = all(-INF), deep = all(INF);
                for (; p + WIDE <= places; p += WIDE) {
                    V x = get(z + p);
                    high = larger(x, high);
                    deep = smaller(x, deep);
                    bad |= x != x;
                }
                most = top(high);
                least = low(deep);
            }
            for (; p < places; ++p) {
                odd |= z[p] != z[p];
                most = z[p] > most ? z[p] : most;
                least = z[p] < least ? z[p] : least;
            }
            tops[j] = most > tops[j] ? most : tops[j];
            bottoms[j] = least < bottoms[j] ? least : bottoms[j];
            point = most > point ? most : point;
        }
        points[e] = point;
    }
    return odd | any(bad);
}

/* Of each of some layers, of shape (examples, units, places) or, with units last, (examples, places, units), the
   largest value of every unit, the smallest, and the largest of every example, one after the other. Returns whether
   there is a nan, which the extremes do not show. */
extern "C" int extremes(long layers, const float** z, const long* shapes, float** out) {
    int found = 0;
    for (long k = 0; k < layers; ++k) {
        const long n = shapes[4 * k], u = shapes[4 * k + 1], places = shapes[4 * k + 2], last = shapes[4 * k + 3];
        float *tops = out[k], *bottoms = tops + u, *points = bottoms + u;
        for (long j = 0; j < u; ++j) tops[j] = -INF, bottoms[j] = INF;
        for (long e = 0; e < n; ++e) points[e] = -INF;
        found |= last ? units_last(z[k], n, places, u, tops, bottoms, points)
                      : units_second(z[k], n, u, places, tops, bottoms, points);
    }
    return found;
}

/* Of each of some weights (rows, entries) |w|, |g| and |g_t| of all rows, one after the other. */
extern "C" void rows(long weights, const float** w, const float** g, const long* shapes, float** out) {
    for (long k = 0; k < weights; ++k) {
        const long count = shapes[2 * k], entries = shapes[2 * k + 1];
        const float *a = w[k], *b = g[k];
        for (long r = 0; r < count; ++r, a += entries, b += entries) {
            D ww = {}, wg = {}, gg = {};
            long j = 0;
            for (; j + WIDE <= entries; j += WIDE) {
                D x = wide(get(a + j)), y = wide(get(b + j));
                ww += x * x;
                wg += x * y;
                gg += y * y;
            }
            double own = sum(ww), both = sum(wg), slope = sum(gg);
            for (; j < entries; ++j) {
                double x = a[j], y = b[j];
                own += x * x;
                both += x * y;
                slope += y * y;
            }
            double across = slope - both * both / own;
            out[k][r] = (float)__builtin_sqrt(own);
            out[k][count + r] = (float)__builtin_sqrt(slope);
            out[k][2 * count + r] = (float)__builtin_sqrt(across < 0 ? 0 : across);
        }
    }
}

/* The norm of some tensors together. */
extern "C" void norm(long tensors, const float** x, const long* sizes, float* out) {
    double whole = 0;
    for (long k = 0; k < tensors; ++k) {
        D squares[2] = {};
        long j = 0;
        for (; j + 2 * WIDE <= sizes[k]; j += 2 * WIDE)
            for (int i = 0; i < 2; ++i) {
                D d = wide(get(x[k] + j + i * WIDE));
                squares[i] += d * d;
            }
        whole += sum(squares[0] + squares[1]);
        for (; j < sizes[k]; ++j) whole += (double)x[k][j] * x[k][j];
    }
    *out = (float)__builtin_sqrt(whole);
}

/* Numbers from many places, one after the other. By kind: n numbers at a distance of m; the norm of n numbers; what
   `rows` finds of n rows of m entries. */
enum { COPY, NORM, ROWS };
extern "C" void collect(long count, const long* kinds, const float** a, const float** b, const long* n, const long* m,
                        float* out) {
    for (long k = 0; k < count; ++k) {
        if (kinds[k] == NORM) {
            norm(1, a + k, n + k, out++);
        } else if (kinds[k] == ROWS) {
            const long shape[2] = {n[k], m[k]};
            rows(1, a + k, b + k, shape, &out);
            out += 3 * n[k];
        } else if (m[k] == 1) {
            __builtin_memcpy(out, a[k], n[k] * sizeof *out);
            out += n[k];
        } else {
            for (long j = 0; j < n[k]; ++j) *out++ = a[k][j * m[k]];
        }
    }
}

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
