"""The source of one pass over pre-activations, and one over weights with their gradients, for CPUs.

Numbers are those of 32 bits, in memory one after the other. Sums of squares and products are of 32 bits over some
hundred numbers, and of 64 bits over these sums. Where one is so large or small that squares may overflow or vanish, all
of it is of 64 bits, where no square of 32 bits does.
"""

from stability.training.monitoring.cpp_said import SAID
from stability.training.monitoring.cpp_threads import THREADS

PASSES = r"""
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

/* A layer, of shape (examples, units, places) or, with units last, (examples, places, units). */
struct Layer {
    const float* z;
    long n, u, places, last;
    long numbers() const { return n * u * places; }

    /* The largest value of every unit and the smallest, of some examples, and the largest of each of these. */
    int look(long from, long to, float* tops, float* bottoms, float* points) const {
        const float* first = z + from * u * places;
        for (long j = 0; j < u; ++j) tops[j] = -INF, bottoms[j] = INF;
        for (long e = from; e < to; ++e) points[e] = -INF;
        return last ? units_last(first, to - from, places, u, tops, bottoms, points + from)
                    : units_second(first, to - from, u, places, tops, bottoms, points + from);
    }

    /* The same of all examples, on some threads with extremes of their own. */
    int look_at_all(float* out, long threads) const {
        float *tops = out, *bottoms = tops + u, *points = bottoms + u;
        const long parts = threads < n ? threads : n;
        float* more = parts > 1 ? (float*)__builtin_malloc((parts - 1) * 2 * u * sizeof *more) : 0;
        if (!more) return look(0, n, tops, bottoms, points);
        int found = 0;
        call_each(parts, threads, [&](long k) {
            float* own = k ? more + (k - 1) * 2 * u : tops;
            if (look(n * k / parts, n * (k + 1) / parts, own, own + u, points))
                __atomic_store_n(&found, 1, __ATOMIC_RELAXED);
        });
        for (long k = 0; k < parts - 1; ++k)
            for (long j = 0; j < u; ++j) {
                const float high = more[k * 2 * u + j], deep = more[k * 2 * u + u + j];
                tops[j] = high > tops[j] ? high : tops[j];
                bottoms[j] = deep < bottoms[j] ? deep : bottoms[j];
            }
        __builtin_free(more);
        return found;
    }
};

/* Of each of some layers the largest value of every unit, the smallest, and the largest of every example, one after the
   other; of each the examples, units, places and whether units stand last. Returns whether there is a nan, which the
   extremes do not show. */
extern "C" int extremes(long layers, const float** z, const long* shapes, float** out) {
    int found = 0;
    for (long k = 0; k < layers; ++k) {
        const Layer layer = {z[k], shapes[4 * k], shapes[4 * k + 1], shapes[4 * k + 2], shapes[4 * k + 3]};
        found |= layer.look_at_all(out[k], threads_for(layer.numbers()));
    }
    return found;
}

/* The same of one layer. */
extern "C" int extremes_of_one(const float* z, const long* shape, float* out) { return extremes(1, &z, shape, &out); }

static const long BLOCK = 512;
static inline long until(long j, long n) { return n - j < BLOCK ? n : j + BLOCK; }

/* Whether a sum of up to BLOCK squares of 32 bits is right: none of those that count vanished or overflowed. */
static inline bool safe(double x) { return 1e-26 < x && x < 1e30; }

struct Products { double own, both, slope; };

/* Sums with the last numbers, from the j-th on. */
static inline Products with_rest(Products found, const float* a, const float* b, long j, long n) {
    for (; j < n; ++j) {
        double x = a[j], y = b[j];
        found.own += x * x;
        found.both += x * y;
        found.slope += y * y;
    }
    return found;
}

/* The sums of x x, x y and y y; of 64 bits. */
static Products products_wide(const float* a, const float* b, long n) {
    D ww = {}, wg = {}, gg = {};
    long j = 0;
    for (; j + WIDE <= n; j += WIDE) {
        D x = wide(get(a + j)), y = wide(get(b + j));
        ww += x * x;
        wg += x * y;
        gg += y * y;
    }
    Products found = {sum(ww), sum(wg), sum(gg)};
    return with_rest(found, a, b, j, n);
}

static inline float total(V v) { float s = 0; for (int i = 0; i < WIDE; ++i) s += v[i]; return s; }

/* The same of up to BLOCK numbers, of 32 bits. */
static inline Products products(const float* a, const float* b, long n) {
    V ww[2] = {}, wg[2] = {}, gg[2] = {};
    long j = 0;
    for (; j + 2 * WIDE <= n; j += 2 * WIDE)
        for (int i = 0; i < 2; ++i) {
            V x = get(a + j + i * WIDE), y = get(b + j + i * WIDE);
            ww[i] += x * x;
            wg[i] += x * y;
            gg[i] += y * y;
        }
    Products found = {total(ww[0] + ww[1]), total(wg[0] + wg[1]), total(gg[0] + gg[1])};
    return with_rest(found, a, b, j, n);
}

/* The sum of squares of y - share x over up to BLOCK numbers, of 32 bits. */
static inline double squares_across(const float* a, const float* b, long n, float share) {
    V squares[2] = {};
    long j = 0;
    for (; j + 2 * WIDE <= n; j += 2 * WIDE)
        for (int i = 0; i < 2; ++i) {
            V d = get(b + j + i * WIDE) - share * get(a + j + i * WIDE);
            squares[i] += d * d;
        }
    double found = total(squares[0] + squares[1]);
    for (; j < n; ++j) {
        double d = b[j] - share * a[j];
        found += d * d;
    }
    return found;
}

/* Of a row of a weight and the gradient by it |w|^2, |g|^2 and |g_t|^2; returns whether 32 bits were enough. The
   difference of two sums is far from right where g_t is short. */
static inline bool row_of_32_bits(const float* a, const float* b, long n, double* found) {
    double own = 0, both = 0, slope = 0, across = 0;
    for (long j = 0; j < n; j = until(j, n)) {
        Products p = products(a + j, b + j, until(j, n) - j);
        if (!safe(p.own) || !safe(p.slope)) return false;
        own += p.own;
        both += p.both;
        slope += p.slope;
    }
    found[0] = own;
    found[1] = slope;
    found[2] = slope - both * both / own;
    if (found[2] > slope / 4) return true;
    const float share = (float)(both / own);
    for (long j = 0; j < n; j = until(j, n)) across += squares_across(a + j, b + j, until(j, n) - j, share);
    found[2] = across;
    return true;
}

/* Of some rows of a weight with m entries each, and of the gradient by it, |w|, |g| and |g_t|, each at a distance of
   `count` from the one before. */
static void some_rows(const float* a, const float* b, long rows, long m, float* out, long count) {
    for (long r = 0; r < rows; ++r, a += m, b += m) {
        double found[3];
        if (!row_of_32_bits(a, b, m, found)) {
            Products p = products_wide(a, b, m);
            double across = p.slope - p.both * p.both / p.own;
            found[0] = p.own;
            found[1] = p.slope;
            found[2] = across < 0 ? 0 : across;
        }
        for (int i = 0; i < 3; ++i) out[i * count + r] = (float)__builtin_sqrt(found[i]);
    }
}

/* Of the k-th share of the rows of a weight, n in all, the same. */
static inline void share_of_rows(const float* a, const float* b, long n, long m, float* out, long k) {
    const long most = rows_of_share(m), from = k * most, rest = n - from;
    some_rows(a + from * m, b + from * m, rest < most ? rest : most, m, out + from, n);
}

/* Of each of some weights (rows, entries) |w|, |g| and |g_t| of all rows, one after the other. */
extern "C" void rows(long weights, const float** w, const float** g, const long* shapes, float** out) {
    for (long k = 0; k < weights; ++k) {
        const long n = shapes[2 * k], m = shapes[2 * k + 1];
        call_each(shares(n, rows_of_share(m)), threads_for(2 * n * m),
                  [&](long own) { share_of_rows(w[k], g[k], n, m, out[k], own); });
    }
}

/* The sum of squares of up to BLOCK numbers, of 32 bits if that is enough. */
static inline double squares_of_block(const float* x, long n) {
    V found[4] = {};
    long j = 0;
    for (; j + 4 * WIDE <= n; j += 4 * WIDE)
        for (int i = 0; i < 4; ++i) {
            V v = get(x + j + i * WIDE);
            found[i] += v * v;
        }
    double whole = total((found[0] + found[1]) + (found[2] + found[3]));
    for (; j < n; ++j) whole += (double)x[j] * x[j];
    return safe(whole) ? whole : products_wide(x, x, n).own;
}

/* The sum of squares of the k-th share of n numbers. */
static double squares_of_share(const float* x, long n, long k) {
    const long from = k * SHARE, to = n - from < SHARE ? n : from + SHARE;
    double whole = 0;
    for (long j = from; j < to; j = until(j, to)) whole += squares_of_block(x + j, until(j, to) - j);
    return whole;
}

/* In which of some things, of which each has as many shares as `first` says, the k-th share is. */
static inline long place_of(const long* first, long k) {
    long own = 0;
    while (first[own + 1] <= k) ++own;
    return own;
}

/* The norm of some tensors together. */
extern "C" double norm(long tensors, const float** x, const long* sizes) {
    double whole = 0;
    long first[tensors + 1], numbers = 0;
    for (long k = first[0] = 0; k < tensors; numbers += shared(sizes[k++]))
        first[k + 1] = first[k] + shares(sizes[k], SHARE);
    const long count = first[tensors], threads = threads_for(numbers);
    const auto squares_of = [&](long k) {
        const long own = place_of(first, k);
        return squares_of_share(x[own], sizes[own], k - first[own]);
    };
    double* squares = threads > 1 ? (double*)__builtin_malloc(count * sizeof *squares) : 0;
    if (squares) call_each(count, threads, [&](long k) { squares[k] = squares_of(k); });
    for (long k = 0; k < count; ++k) whole += squares ? squares[k] : squares_of(k);
    __builtin_free(squares);
    return __builtin_sqrt(whole);
}

/* Numbers from many places, one after the other. By kind: n numbers at a distance of m; the norm of n numbers; what
   `rows` finds of n rows of m entries. `own` and `slopes` say at which place they are, and the gradients by them. */
enum { COPY, NORM, ROWS };
extern "C" void collect(long count, const long* kinds, const long* own, const long* slopes, const long* n,
                        const long* m, const float** places, float* out) {
    long first[count + 1], to[count], end = 0, numbers = 0;
    for (long k = first[0] = 0; k < count; ++k) {
        first[k + 1] = first[k] + (kinds[k] == ROWS ? shares(n[k], rows_of_share(m[k])) : 1);
        to[k] = end;
        end += kinds[k] == ROWS ? 3 * n[k] : kinds[k] == NORM ? 1 : n[k];
        numbers += kinds[k] == ROWS ? 2 * shared(n[k] * m[k]) : 0;
    }
    for (long k = 0; k < count; ++k)
        if (kinds[k] == NORM) out[to[k]] = (float)norm(1, (const float**)places + own[k], n + k);
    call_each(first[count], threads_for(numbers), [&](long share) {
        const long k = place_of(first, share);
        const float* x = places[own[k]];
        float* target = out + to[k];
        if (kinds[k] == ROWS) share_of_rows(x, places[slopes[k]], n[k], m[k], target, share - first[k]);
        else if (kinds[k] == COPY && m[k] == 1) __builtin_memcpy(target, x, n[k] * sizeof *target);
        else if (kinds[k] == COPY)
            for (long j = 0; j < n[k]; ++j) target[j] = x[j * m[k]];
    });
}

/* Rows of numbers at a distance of `steps[1]`, the rows at a distance of `steps[0]`; `shape` is followed by `steps`. */
extern "C" void grid(const float* x, const long* shape, float* out) {
    for (long i = 0; i < shape[0]; ++i)
        for (long j = 0; j < shape[1]; ++j) *out++ = x[i * shape[2] + j * shape[3]];
}
"""
"""What goes over tensors."""

SOURCE = THREADS + PASSES + SAID
