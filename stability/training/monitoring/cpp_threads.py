"""The source of what shares the work on many numbers among the threads that torch uses, where it uses OpenMP.

It comes before the source of what goes over tensors. Results do not depend on how many threads there are.
"""

THREADS = r"""
#ifdef __linux__
extern "C" __attribute__((weak)) void GOMP_parallel(void (*)(void*), void*, unsigned, unsigned);
extern "C" __attribute__((weak)) int omp_get_max_threads(void);
#else
static void (*const GOMP_parallel)(void (*)(void*), void*, unsigned, unsigned) = 0;
static int (*const omp_get_max_threads)(void) = 0;
#endif

/* How many numbers are shared among threads, how many of them one takes at a time, and how many those tensors have that
   torch shares: in a forked process, where OpenMP may wait for ever, no more may be shared than it shares itself. */
static const long SHARED = 1 << 17, SHARE = 1 << 14, GRAIN = 1 << 15;
static inline long shared(long numbers) { return numbers < GRAIN ? 0 : numbers; }

/* On how many threads to look at some numbers. */
static inline long threads_for(long numbers) {
    return numbers < SHARED || !GOMP_parallel || !omp_get_max_threads ? 1 : omp_get_max_threads();
}

/* In how many shares of up to `most` some rows are looked at. */
static inline long shares(long rows, long most) { return (rows + most - 1) / most; }
static inline long rows_of_share(long entries) { return entries < SHARE ? SHARE / (entries > 0 ? entries : 1) : 1; }

/* Calls f(0), ..., f(count - 1), each once, on some threads. */
template <class F>
struct Calls {
    const F* f;
    long next, count;
    static void run(void* of) {
        Calls* own = (Calls*)of;
        for (long k; (k = __atomic_fetch_add(&own->next, 1, __ATOMIC_RELAXED)) < own->count;) (*own->f)(k);
    }
};
template <class F>
static inline void call_each(long count, long threads, const F& f) {
    Calls<F> calls = {&f, 0, count};
    if (threads > count) threads = count;
    if (threads > 1) GOMP_parallel(Calls<F>::run, &calls, (unsigned)threads, 0);
    else Calls<F>::run(&calls);
}
"""
