/* What the matrix asks of every program, in C: see ../probe.ts. Blocking calls only. */
#include <arpa/inet.h>
#include <dirent.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int fail(const char *what) {
  perror(what);
  return 1;
}

static int cat(const char *path) {
  char buffer[4096];
  size_t length;
  FILE *file = fopen(path, "r");
  if (file == NULL) return fail(path);
  while ((length = fread(buffer, 1, sizeof buffer, file)) > 0) fwrite(buffer, 1, length, stdout);
  return 0;
}

static int ls(const char *path) {
  struct dirent *entry;
  DIR *directory = opendir(path);
  if (directory == NULL) return fail(path);
  while ((entry = readdir(directory)) != NULL) puts(entry->d_name);
  return 0;
}

static struct addrinfo *find(const char *host, const char *port, int type) {
  struct addrinfo hints = {.ai_socktype = type}, *found;
  int code = getaddrinfo(host, port, &hints, &found);
  if (code == 0) return found;
  fprintf(stderr, "%s: %s\n", host, gai_strerror(code));
  exit(1);
}

static int resolve(const char *host) {
  char text[INET6_ADDRSTRLEN];
  for (struct addrinfo *at = find(host, NULL, SOCK_STREAM); at != NULL; at = at->ai_next) {
    getnameinfo(at->ai_addr, at->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST);
    puts(text);
  }
  return 0;
}

static int talk(int type, const char *host, const char *port, const char *text) {
  char buffer[4096];
  ssize_t length;
  struct addrinfo *to = find(host, port, type);
  int fd = socket(to->ai_family, type, 0);
  if (fd < 0 || connect(fd, to->ai_addr, to->ai_addrlen) < 0) return fail("connect");
  if (send(fd, text, strlen(text), 0) < 0) return fail("send");
  do {
    length = recv(fd, buffer, sizeof buffer, 0);
    if (length < 0) return fail("recv");
    fwrite(buffer, 1, (size_t)length, stdout);
  } while (length > 0 && type == SOCK_STREAM);
  return 0;
}

/* Unconnected, as musl's resolver does it. */
static int udp(const char *host, const char *port, const char *text) {
  char buffer[4096];
  struct addrinfo *to = find(host, port, SOCK_DGRAM);
  struct sockaddr_storage from;
  socklen_t from_length = sizeof from;
  int fd = socket(to->ai_family, SOCK_DGRAM, 0);
  if (fd < 0 || sendto(fd, text, strlen(text), 0, to->ai_addr, to->ai_addrlen) < 0) return fail("sendto");
  ssize_t length = recvfrom(fd, buffer, sizeof buffer, 0, (struct sockaddr *)&from, &from_length);
  if (length < 0) return fail("recvfrom");
  if (memcmp(&from, to->ai_addr, 8) != 0) return fprintf(stderr, "somebody else answered\n"), 1;
  fwrite(buffer, 1, (size_t)length, stdout);
  return 0;
}

static int serve(int port, const char *text) {
  char request[4096], answer[512];
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
  int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 16) < 0) return fail("listen");
  puts("serving");
  fflush(stdout);
  snprintf(answer, sizeof answer, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%s", strlen(text), text);
  for (;;) {
    int peer = accept(fd, NULL, NULL);
    if (peer < 0) return fail("accept");
    if (recv(peer, request, sizeof request, 0) > 0) send(peer, answer, strlen(answer), 0);
    close(peer);
  }
}

int main(int count, char **words) {
  const char *what = count > 1 ? words[1] : "";
  const char *value;
  if (strcmp(what, "env") == 0) return (value = getenv(words[2])) == NULL ? 1 : (puts(value), 0);
  if (strcmp(what, "cat") == 0) return cat(words[2]);
  if (strcmp(what, "ls") == 0) return ls(words[2]);
  if (strcmp(what, "tcp") == 0) return talk(SOCK_STREAM, words[2], words[3], "GET /items HTTP/1.0\r\n\r\n");
  if (strcmp(what, "udp") == 0) return udp(words[2], words[3], words[4]);
  if (strcmp(what, "resolve") == 0) return resolve(words[2]);
  if (strcmp(what, "serve") == 0) return serve(atoi(words[2]), words[3]);
  if (strcmp(what, "exit") == 0) return atoi(words[2]);
  return 64;
}
