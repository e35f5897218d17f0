/* A load of scans, over HTTP or NATS, that does not flatter what it measures.
 *
 * Closed loop: CLIENTS scans are under way at any time, and the next is sent when one is answered.
 * Open loop:   RATE scans a second are due, whether or not earlier ones were answered; each latency counts from the
 *              moment the scan was due, so that a stall is seen by all who would have come during it.
 *
 * Usage: scans http|nats PORT|FD closed|open CLIENTS|RATE SECONDS PLAN ANSWERS RUN GATE TOKEN [INBOX]
 *   PLAN     a scan a line: "in TEXT" or "out TEXT"; they are sent in this order
 *   ANSWERS  written: a line a scan, "line-in-the-plan latency-in-us outcome", ? for anything that is no verdict
 *   RUN      makes scan ids unlike those of other runs
 *   FD       of a NATS connection that is signed in already
 * Prints how many seconds passed from the first scan to the last answer, and how many scans were sent twice because the
 * server closed their connection, idle until then, at that moment. */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS = 128, BUFFER = 1 << 16, MOST_SCANS = 1 << 21 };
static const int64_t SECOND = 1000000000, PATIENCE = 10 * 1000000000LL;

typedef struct {
    int fd;    /* or 0 */
    long scan; /* under way, or -1; one at a time over HTTP */
    size_t filled;
    char in[BUFFER + 1];
} Connection;

static char *plan[MOST_SCANS], outcomes[MOST_SCANS];
static int64_t due[MOST_SCANS], answered_at[MOST_SCANS];
static long planned, sent, answered, resent;
static Connection connections[CONNECTIONS];
static int free_connections[CONNECTIONS], free_count, epoll, port;
static const char *gate, *token, *inbox;
static unsigned run;
static int over_nats;

static void fail(const char *what) {
    fprintf(stderr, "scans: %s%s%s\n", what, errno ? ": " : "", errno ? strerror(errno) : "");
    exit(1);
}

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * SECOND + t.tv_nsec;
}

static void read_plan(const char *file) {
    FILE *in = fopen(file, "r");
    size_t size = 0;
    char *line = NULL;
    if (!in) fail(file);
    while (planned < MOST_SCANS && getline(&line, &size, in) > 0) {
        line[strcspn(line, "\n")] = 0;
        plan[planned++] = strdup(line);
    }
    fclose(in);
}

static void watch(Connection *one, int fd) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = one};
    one->fd = fd, one->scan = -1;
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

/* Connections are made when they are needed: a server closes those that have nothing to say for a while. */
static int connected(void) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to)) fail("cannot connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

static void put(int fd, const char *text, size_t size) {
    while (size) {
        ssize_t done = send(fd, text, size, MSG_NOSIGNAL);
        if (done <= 0) return; /* whoever receives from it will notice */
        text += done;
        size -= done;
    }
}

static void send_scan(Connection *to, long scan) {
    if (!to->fd) watch(to, connected());
    static char body[BUFFER / 2], request[BUFFER];
    char headers[1024], at[32], *text = strchr(plan[scan], ' ');
    time_t seconds = time(NULL);
    strftime(at, sizeof at, "%Y-%m-%dT%H:%M:%SZ", gmtime(&seconds));
    int size = snprintf(body, sizeof body,
        "{\"scan_id\":\"%08x-0000-7000-8000-%012lx\",\"gate_id\":\"%s\",\"direction\":\"%.*s\",\"credential\":\"%s\","
        "\"scanned_at\":\"%s\",\"source\":\"turnstile\"}",
        run, scan, gate, (int)(text - plan[scan]), plan[scan], text + 1, at);
    if (over_nats) {
        int head = snprintf(headers, sizeof headers, "NATS/1.0\r\nAuthorization: Bearer %s\r\n\r\n", token);
        size = snprintf(request, sizeof request, "HPUB rpc.access.scan.%s %s.%ld %d %d\r\n%s%s\r\n", gate, inbox, scan,
            head, head + size, headers, body);
    } else {
        size = snprintf(request, sizeof request,
            "POST /v1/scans HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n"
            "Content-Length: %d\r\n\r\n%s",
            token, size, body);
    }
    to->scan = scan;
    put(to->fd, request, size);
}

static void take_answer(long scan, const char *body) {
    const char *outcome = strstr(body, "\"outcome\":\"");
    if (scan < 0 || scan >= sent || answered_at[scan]) fail("an answer to nothing");
    answered_at[scan] = now();
    outcomes[scan] = outcome ? outcome[11] : '?';
    answered++;
}

/* The length of the first whole message in the buffer, answered if it is a verdict; 0: more has to come. */
static size_t take_http(Connection *from) {
    char *end = strstr(from->in, "\r\n\r\n"), *length = strcasestr(from->in, "\r\ncontent-length:");
    if (!end) return 0;
    if (!length || length > end) fail("an answer without a length");
    size_t whole = end + 4 - from->in + strtoul(length + 17, NULL, 10);
    if (from->filled < whole) return 0;
    char next = from->in[whole];
    from->in[whole] = 0;
    take_answer(from->scan, strncmp(from->in + 9, "200", 3) ? "" : end);
    from->in[whole] = next;
    from->scan = -1;
    free_connections[free_count++] = from - connections;
    return whole;
}

static size_t take_nats(Connection *from) {
    char *end = strstr(from->in, "\r\n"), subject[256], a[64], b[64], c[64], *number;
    if (!end) return 0;
    size_t whole = end + 2 - from->in;
    if (!strncmp(from->in, "PING", 4)) put(from->fd, "PONG\r\n", 6);
    if (!strncmp(from->in, "-ERR", 4)) fail(from->in);
    int with_headers = !strncmp(from->in, "HMSG ", 5);
    if (!with_headers && strncmp(from->in, "MSG ", 4)) return whole;
    int words = sscanf(from->in, "%*s %255s %63s %63s %63s", subject, a, b, c);
    if (words != 3 + with_headers) fail("not a message");
    char *body = from->in + whole;
    whole += strtoul(with_headers ? c : b, NULL, 10) + 2;
    if (from->filled < whole) return 0;
    char next = from->in[whole];
    from->in[whole] = 0;
    number = strrchr(subject, '.');
    take_answer(atol(number + 1), body);
    from->in[whole] = next;
    return whole;
}

static void receive(Connection *from) {
    ssize_t got = recv(from->fd, from->in + from->filled, BUFFER - from->filled, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
        if (over_nats || resent > sent / 100) fail("the connection was closed");
        long scan = from->scan;
        close(from->fd);
        from->fd = 0, from->scan = -1, from->filled = 0;
        if (scan >= 0) send_scan(from, scan), resent++;
        return;
    }
    from->filled += got;
    from->in[from->filled] = 0;
    size_t taken = 0, one;
    do {
        one = over_nats ? take_nats(from) : take_http(from);
        taken += one;
        from->filled -= one;
        memmove(from->in, from->in + one, from->filled + 1);
    } while (one && from->filled);
}

int main(int count, char **words) {
    if (count < 11) fail("see the comment at the head of scans.c");
    over_nats = !strcmp(words[1], "nats");
    int open_loop = !strcmp(words[3], "open"), clock = timerfd_create(CLOCK_MONOTONIC, 0);
    double rate = atof(words[4]), lasts = atof(words[5]);
    run = strtoul(words[8], NULL, 10), gate = words[9], token = words[10], inbox = words[11];
    epoll = epoll_create1(0);
    read_plan(words[6]);
    long at_once = open_loop ? (over_nats ? MOST_SCANS : CONNECTIONS) : atol(words[4]);
    if (!over_nats && at_once > CONNECTIONS) fail("too many clients");
    if (over_nats) watch(connections, atoi(words[2]));
    else port = atoi(words[2]);
    for (; !over_nats && free_count < at_once; free_count++) free_connections[free_count] = free_count;
    struct epoll_event tick = {.events = EPOLLIN, .data.ptr = NULL}, events[64];
    epoll_ctl(epoll, EPOLL_CTL_ADD, clock, &tick);
    int64_t start = now(), end = start + (int64_t)(lasts * SECOND);
    errno = 0;
    for (;;) {
        int64_t time = now(), next = start + (int64_t)(sent * SECOND / rate);
        while (sent < planned && sent - answered < at_once && (open_loop ? next <= time && next < end : time < end)) {
            due[sent] = open_loop ? next : now();
            send_scan(&connections[over_nats ? 0 : free_connections[--free_count]], sent);
            sent++;
            next = start + (int64_t)(sent * SECOND / rate);
            time = now();
        }
        int all_sent = sent == planned || (open_loop ? next >= end : time >= end);
        if ((all_sent && sent == answered) || time > end + PATIENCE) break;
        int64_t wake = open_loop && !all_sent && next > time ? next : time + SECOND / 10;
        struct itimerspec at = {.it_value = {wake / SECOND, wake % SECOND}};
        timerfd_settime(clock, TFD_TIMER_ABSTIME, &at, NULL);
        int ready = epoll_wait(epoll, events, 64, -1);
        for (int i = 0; i < ready; i++)
            if (events[i].data.ptr) receive(events[i].data.ptr);
    }
    if (sent == planned) fail("the plan was too short");
    FILE *out = fopen(words[7], "w");
    if (!out) fail(words[7]);
    int64_t last = start;
    for (long i = 0; i < sent; i++) {
        int64_t at = answered_at[i] ? answered_at[i] : now();
        fprintf(out, "%ld %ld %c\n", i, (long)((at - due[i]) / 1000), answered_at[i] ? outcomes[i] : '?');
        if (at > last) last = at;
    }
    fclose(out);
    printf("%.6f %ld\n", (double)(last - start) / SECOND, resent);
    return 0;
}
