/* Many who watch the live picture at once, and only note when they saw how much of it.
 *
 * Usage: viewers PORT VIEWERS IDLE TOKEN SOURCE ARRIVALS
 *   IDLE      further viewers who ask, and then read nothing
 *   SOURCE    the service whose progress is noted: the number that the picture's source of this name has
 *   ARRIVALS  written: a line each time a viewer has read a whole message with a higher number than before,
 *             "viewer microseconds-since-1970 number"
 * Says "watching" when each viewer has a picture. Ends when its input does, and prints how many messages and bytes came. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST_VIEWERS = 1024, BUFFER = 1 << 20, SMALL = 4096 };

typedef struct {
    int fd;
    long seen; /* the highest number so far */
    size_t filled, looked;
    char *in;
} Viewer;

static Viewer viewers[MOST_VIEWERS];
static long messages, bytes;
static int with_picture;
static char marker[64];
static FILE *arrivals;

static void fail(const char *what) {
    fprintf(stderr, "viewers: %s%s%s\n", what, errno ? ": " : "", errno ? strerror(errno) : "");
    exit(1);
}

static int64_t now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static int asking(int port, const char *token, int reads) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0), small = SMALL;
    if (!reads) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to)) fail("cannot connect");
    char request[4096];
    int size = snprintf(request, sizeof request,
        "GET /v1/live HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\nAuthorization: Bearer %s\r\n\r\n", token);
    if (send(fd, request, size, MSG_NOSIGNAL) != size) fail("cannot ask");
    return fd;
}

static void take(Viewer *viewer, const char *message, size_t size, int64_t at) {
    const char *source = memmem(message, size, marker, strlen(marker)), *number;
    if (!memmem(message, size, "\ndata: ", 7)) return; /* a comment, or how long to wait before coming again */
    messages++;
    if (!source || !(number = memmem(source, message + size - source, "\"number\":", 9))) return;
    long seen = atol(number + 9);
    if (viewer->seen < 0) with_picture++;
    if (seen > viewer->seen) fprintf(arrivals, "%ld %lld %ld\n", (long)(viewer - viewers), (long long)at, seen);
    if (seen > viewer->seen) viewer->seen = seen;
}

static void receive(Viewer *viewer) {
    ssize_t got = recv(viewer->fd, viewer->in + viewer->filled, BUFFER - viewer->filled, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) fail("the stream ended, or a message was too large");
    if (!bytes && strncmp(viewer->in, "HTTP/1.1 200", 12)) fail("nobody may watch");
    bytes += got;
    viewer->filled += got;
    int64_t at = now_us();
    char *end, *from = viewer->in, *stop = viewer->in + viewer->filled, *look = viewer->in + viewer->looked;
    while ((end = memmem(look, stop - look, "\n\n", 2))) {
        take(viewer, from, end - from, at);
        from = look = end + 2;
    }
    viewer->filled = stop - from;
    viewer->looked = viewer->filled ? viewer->filled - 1 : 0;
    memmove(viewer->in, from, viewer->filled);
}

int main(int count, char **words) {
    if (count != 7) fail("see the comment at the head of viewers.c");
    int port = atoi(words[1]), reading = atoi(words[2]), idle = atoi(words[3]), epoll = epoll_create1(0);
    if (reading > MOST_VIEWERS) fail("too many viewers");
    snprintf(marker, sizeof marker, "\"source\":\"%s\"", words[5]);
    if (!(arrivals = fopen(words[6], "w"))) fail(words[6]);
    setvbuf(arrivals, NULL, _IOLBF, BUFSIZ); /* somebody may want to know whether everybody has seen something */
    for (int i = 0; i < reading; i++) {
        Viewer *one = &viewers[i];
        if (!(one->in = malloc(BUFFER))) fail("no memory");
        one->seen = -1;
        one->fd = asking(port, words[4], 1);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = one};
        epoll_ctl(epoll, EPOLL_CTL_ADD, one->fd, &event);
    }
    while (idle--) asking(port, words[4], 0);
    struct epoll_event input = {.events = EPOLLIN, .data.ptr = NULL}, events[64];
    epoll_ctl(epoll, EPOLL_CTL_ADD, STDIN_FILENO, &input);
    errno = 0;
    for (int said = 0;;) {
        int ready = epoll_wait(epoll, events, 64, -1), over = 0;
        for (int i = 0; i < ready; i++) {
            if (events[i].data.ptr) receive(events[i].data.ptr);
            else over = 1;
        }
        if (!said && with_picture == reading) said = 1, puts("watching"), fflush(stdout);
        if (over) break;
    }
    fclose(arrivals);
    printf("%ld %ld\n", messages, bytes);
    return 0;
}
