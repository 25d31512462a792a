#include <pthread.h>
#include <stdint.h>
#include "_cgo_export.h"

// What Go calls: it calls Go back, from the same thread.
int64_t there(int64_t depth, int64_t n) { return calledBack(depth, n); }

void fall(int64_t n) { calledFalling(n); }

static void *apart(void *number) {
    *(int64_t *)number = calledApart(*(int64_t *)number);
    return 0;
}

// From a thread of its own.
int64_t elsewhere(int64_t n) {
    pthread_t thread;
    if (pthread_create(&thread, 0, apart, &n) != 0)
        return -1;
    pthread_join(thread, 0);
    return n;
}
