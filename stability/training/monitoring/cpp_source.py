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
"""
