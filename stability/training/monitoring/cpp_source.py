"""The source of one pass over pre-activations, and one over weights with their gradients, for CPUs.

Numbers are those of 32 bits, in memory one after the other. Sums of squares and products are of 32 bits over some
hundred numbers, and of 64 bits over these sums. Where one is so large or small that squares may overflow or vanish, all
of it is of 64 bits, where no square of 32 bits does.
"""

from stability.training.monitoring.cpp_said import SAID

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

/* Of each of some weights (rows, entries) |w|, |g| and |g_t| of all rows, one after the other. */
extern "C" void rows(long weights, const float** w, const float** g, const long* shapes, float** out) {
    for (long k = 0; k < weights; ++k) {
        const long count = shapes[2 * k], entries = shapes[2 * k + 1];
        const float *a = w[k], *b = g[k];
        for (long r = 0; r < count; ++r, a += entries, b += entries) {
            double found[3];
            if (!row_of_32_bits(a, b, entries, found)) {
                Products p = products_wide(a, b, entries);
                double across = p.slope - p.both * p.both / p.own;
                found[0] = p.own;
                found[1] = p.slope;
                found[2] = across < 0 ? 0 : across;
            }
            for (int i = 0; i < 3; ++i) out[k][i * count + r] = (float)__builtin_sqrt(found[i]);
        }
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

/* The norm of some tensors together. */
extern "C" double norm(long tensors, const float** x, const long* sizes) {
    double whole = 0;
    for (long k = 0; k < tensors; ++k)
        for (long j = 0; j < sizes[k]; j = until(j, sizes[k]))
            whole += squares_of_block(x[k] + j, until(j, sizes[k]) - j);
    return __builtin_sqrt(whole);
}

/* Numbers from many places, one after the other. By kind: n numbers at a distance of m; the norm of n numbers; what
   `rows` finds of n rows of m entries. `own` and `slopes` say at which place they are, and the gradients by them. */
enum { COPY, NORM, ROWS };
extern "C" void collect(long count, const long* kinds, const long* own, const long* slopes, const long* n,
                        const long* m, const float** places, float* out) {
    for (long k = 0; k < count; ++k) {
        const float* x = places[own[k]];
        if (kinds[k] == NORM) {
            *out++ = (float)norm(1, &x, n + k);
        } else if (kinds[k] == ROWS) {
            const long shape[2] = {n[k], m[k]};
            rows(1, &x, places + slopes[k], shape, &out);
            out += 3 * n[k];
        } else if (m[k] == 1) {
            __builtin_memcpy(out, x, n[k] * sizeof *out);
            out += n[k];
        } else {
            for (long j = 0; j < n[k]; ++j) *out++ = x[j * m[k]];
        }
    }
}

/* Rows of numbers at a distance of `steps[1]`, the rows at a distance of `steps[0]`; `shape` is followed by `steps`. */
extern "C" void grid(const float* x, const long* shape, float* out) {
    for (long i = 0; i < shape[0]; ++i)
        for (long j = 0; j < shape[1]; ++j) *out++ = x[i * shape[2] + j * shape[3]];
}
"""
"""What goes over tensors."""

SOURCE = PASSES + SAID
