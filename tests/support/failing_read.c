// Loaded before a program (LD_PRELOAD): reading the file that FAILING_FILE ends with fails behind the byte FAILING_AT, as
// on a disk with a bad place. FAILING_BYTES counts bytes read in place of the place, for formats that look at their end.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int is_bad(int fd) {
  const char* name = getenv("FAILING_FILE");
  char link[64];
  char path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t n = name == NULL ? -1 : readlink(link, path, sizeof path - 1);
  if (n < 0) return 0;
  path[n] = '\0';
  const size_t length = strlen(name);
  return (size_t)n >= length && strcmp(path + n - length, name) == 0;
}

ssize_t read(int fd, void* out, size_t count) {
  static ssize_t (*real)(int, void*, size_t) = NULL;
  static long taken = 0;
  if (real == NULL) real = (ssize_t(*)(int, void*, size_t))dlsym(RTLD_NEXT, "read");
  if (!is_bad(fd)) return real(fd, out, count);
  const char* bytes = getenv("FAILING_BYTES");
  const char* place = getenv("FAILING_AT");
  if ((bytes != NULL && taken > atol(bytes)) || (place != NULL && lseek(fd, 0, SEEK_CUR) > atol(place))) {
    errno = EIO;
    return -1;
  }
  const ssize_t n = real(fd, out, count);
  if (n > 0) taken += n;
  return n;
}
