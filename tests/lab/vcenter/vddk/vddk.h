/*
 * Licensed under the Apache License, Version 2.0 (the "License"); you may
 * not use this file except in compliance with the License. You may obtain
 * a copy of the License at
 *
 *      http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
 * WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
 * License for the specific language governing permissions and limitations
 * under the License.
 */

/* The part of VDDK's public ABI that nbdkit's plugin calls, and our own. */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#define API __attribute__ ((visibility ("default")))
#define SECTOR 512

typedef uint64_t VixError;

enum {
  VIX_OK = 0,
  VIX_E_FAIL = 1,
  VIX_E_INVALID_ARG = 3,
  VIX_E_FILE_NOT_FOUND = 4,
  VIX_E_NOT_SUPPORTED = 6,
  VIX_E_FILE_ERROR = 7,
  VIX_E_FILE_ALREADY_LOCKED = 15,
  VIX_E_HOST_USER_PERMISSIONS = 3014,
  VIX_E_HOST_NETWORK_CONN_REFUSED = 14009,
  VIX_E_CANNOT_CONNECT_TO_HOST = 18000,
  VIX_E_CERTIFICATE = 18002,
  VIX_ASYNC = 25000,
};

typedef void LogFunction (const char *format, va_list arguments);
typedef void (*Completion) (void *data, VixError error);

/* VixDiskLibConnectParams of VDDK 6.5 to 8. */
typedef struct {
  char *vmx_spec;
  char *server;
  char *thumbprint;
  long private_use;
  int credentials_type;
  union {
    struct { char *user, *password; } login;
    struct { char *cookie, *user, *key; } session;
    void *ticket;
  } credentials;
  uint32_t port, nfc_host_port;
  char *api_version;
  char reserved[8];
  void *state;
  struct { char *id, *datastore, *snapshot; } object;
  int spec_type;
} Parameters;

typedef struct { uint32_t cylinders, heads, sectors; } Geometry;

typedef struct {
  Geometry bios, physical;
  uint64_t capacity;
  int adapter, links;
  char *parent, *uuid;
  uint32_t logical_sector, physical_sector;
} Info;

typedef struct { uint64_t offset, length; } Block;
typedef struct { uint32_t count; Block blocks[1]; } BlockList;

typedef struct {
  const Parameters *parameters;
  char *machine, *snapshot;
} Connection;

typedef struct {
  int fd;
  uint64_t size;
} Disk;

extern LogFunction *vddk_log, *vddk_warn;

void vddk_say (LogFunction *where, const char *format, ...);

/* Ask the simulated vCenter for a path of its side door. The certificate is
 * held to the thumbprint. Returns the HTTP status with the body in buffer,
 * or -1 with the reason in *error. */
int vddk_ask (const Connection *connection, const char *path,
              char *buffer, size_t size, VixError *error);

/* Append text to a URL, quoted. */
void vddk_quote (char *to, const char *text);
