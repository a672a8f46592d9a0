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

/* A stand-in for VMware's libvixDiskLib, for tests of nbdkit's vddk plugin.
 *
 * It logs in to the simulated vCenter, asks there which file backs a disk
 * (of a snapshot), and reads that file. Written from the ABI that nbdkit's
 * plugin documents; the texts of errors are from public reports, and what a
 * real library says may differ. MIGRATE_LAB_VDDK_FAIL_AT=BYTE has reads of
 * that byte fail. */

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vddk.h"

#define READ_ONLY 4
#define TEXT 8192 /* longer paths and answers than the lab has */

LogFunction *vddk_log, *vddk_warn;

void
vddk_say (LogFunction *where, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  if (where)
    where (format, arguments);
  va_end (arguments);
}

API VixError
VixDiskLib_InitEx (uint32_t major, uint32_t minor, LogFunction *log,
                   LogFunction *warn, LogFunction *panic,
                   const char *libdir, const char *config)
{
  (void) major, (void) minor, (void) panic, (void) libdir, (void) config;
  vddk_log = log;
  vddk_warn = warn;
  return VIX_OK;
}

API void
VixDiskLib_Exit (void)
{
}

API const char *
VixDiskLib_ListTransportModes (void)
{
  return "file:san:hotadd:nbdssl:nbd";
}

API char *
VixDiskLib_GetErrorText (VixError error, const char *locale)
{
  static const struct { VixError error; const char *text; } texts[] = {
    { VIX_E_INVALID_ARG, "One of the parameters was invalid" },
    { VIX_E_FILE_NOT_FOUND, "A file was not found" },
    { VIX_E_NOT_SUPPORTED, "The operation is not supported" },
    { VIX_E_FILE_ERROR, "A file access error occurred on the host or guest "
                        "operating system" },
    { VIX_E_FILE_ALREADY_LOCKED, "The file is already locked" },
    { VIX_E_HOST_USER_PERMISSIONS, "Insufficient permissions in the host "
                                   "operating system" },
    { VIX_E_HOST_NETWORK_CONN_REFUSED, "The server refused connection" },
    { VIX_E_CANNOT_CONNECT_TO_HOST, "Cannot connect to host" },
    { VIX_E_CERTIFICATE, "SSL certificate verification failed" },
  };

  (void) locale;
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
    if (texts[i].error == error)
      return strdup (texts[i].text);
  return strdup ("Unknown error");
}

API void
VixDiskLib_FreeErrorText (char *text)
{
  free (text);
}

API Parameters *
VixDiskLib_AllocateConnectParams (void)
{
  return calloc (1, sizeof (Parameters));
}

API void
VixDiskLib_FreeConnectParams (Parameters *parameters)
{
  free (parameters);
}

API VixError
VixDiskLib_Disconnect (Connection *connection)
{
  free (connection->machine);
  free (connection->snapshot);
  free (connection);
  return VIX_OK;
}

API VixError
VixDiskLib_ConnectEx (const Parameters *parameters, char read_only,
                      const char *snapshot, const char *modes,
                      Connection **result)
{
  Connection *connection;
  char answer[TEXT];
  VixError error;
  int status;

  (void) read_only, (void) modes;
  if (!parameters->server || !parameters->vmx_spec
      || strncmp (parameters->vmx_spec, "moref=", 6))
    return VIX_E_INVALID_ARG;
  connection = calloc (1, sizeof *connection);
  connection->parameters = parameters;
  connection->machine = strdup (parameters->vmx_spec + 6);
  connection->snapshot = strdup (snapshot ? snapshot : "");
  status = vddk_ask (connection, "/sim/vddk?vm=none", answer, sizeof answer,
                     &error);
  if (status == 401) {
    vddk_say (vddk_warn, "VixDiskLibVim: Login failure. Callback error 3014: "
              "Cannot complete login due to an incorrect user name or "
              "password.\n");
    error = VIX_E_HOST_USER_PERMISSIONS;
  }
  if (status < 0 || status == 401) {
    VixDiskLib_Disconnect (connection);
    return error;
  }
  *result = connection;
  return VIX_OK;
}

static VixError
locate (Connection *connection, const char *path, uint64_t *size, char *file)
{
  char url[TEXT], answer[TEXT];
  unsigned long long bytes;
  VixError error;
  int status;

  snprintf (url, sizeof url, "/sim/vddk?vm=%s&snapshot=%s&path=",
            connection->machine, connection->snapshot);
  vddk_quote (url, path);
  status = vddk_ask (connection, url, answer, sizeof answer, &error);
  if (status < 0)
    return error;
  if (status != 200)
    vddk_say (vddk_warn, "VixDiskLib: Cannot open disk %s: %s\n", path,
              answer);
  if (status == 423)
    return VIX_E_FILE_ALREADY_LOCKED;
  if (status == 404)
    return strstr (answer, "virtual disk") ? VIX_E_FILE_NOT_FOUND
                                           : VIX_E_FAIL;
  if (status != 200 || sscanf (answer, "%llu\n%4095[^\n]", &bytes, file) != 2)
    return VIX_E_FAIL;
  *size = bytes;
  return VIX_OK;
}

API VixError
VixDiskLib_Open (Connection *connection, const char *path, uint32_t flags,
                 Disk **result)
{
  char file[4096];
  uint64_t size = 0;
  VixError error;
  int fd;

  if (!(flags & READ_ONLY))
    return VIX_E_NOT_SUPPORTED;
  error = locate (connection, path, &size, file);
  if (error != VIX_OK)
    return error;
  fd = open (file, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return VIX_E_FILE_NOT_FOUND;
  *result = calloc (1, sizeof **result);
  (*result)->fd = fd;
  (*result)->size = size;
  return VIX_OK;
}

API VixError
VixDiskLib_Close (Disk *disk)
{
  close (disk->fd);
  free (disk);
  return VIX_OK;
}

API const char *
VixDiskLib_GetTransportMode (Disk *disk)
{
  (void) disk;
  return "nbdssl";
}

API VixError
VixDiskLib_GetInfo (Disk *disk, Info **result)
{
  Info *info = calloc (1, sizeof *info);

  info->capacity = disk->size / SECTOR;
  info->links = 1;
  info->logical_sector = info->physical_sector = SECTOR;
  *result = info;
  return VIX_OK;
}

API void
VixDiskLib_FreeInfo (Info *info)
{
  free (info);
}

API VixError
VixDiskLib_Read (Disk *disk, uint64_t start, uint64_t count, uint8_t *buffer)
{
  const char *fails = getenv ("MIGRATE_LAB_VDDK_FAIL_AT");
  uint64_t at = start * SECTOR, left = count * SECTOR;
  ssize_t got;

  if (at + left > disk->size)
    return VIX_E_INVALID_ARG;
  if (fails && strtoull (fails, NULL, 10) - at < left)
    return VIX_E_HOST_NETWORK_CONN_REFUSED;
  for (; left; at += got, buffer += got, left -= got) {
    got = pread (disk->fd, buffer, left, at);
    if (got < 0)
      return VIX_E_FILE_ERROR;
    if (got == 0) {
      memset (buffer, 0, left);
      break;
    }
  }
  return VIX_OK;
}

API VixError
VixDiskLib_ReadAsync (Disk *disk, uint64_t start, uint64_t count,
                      uint8_t *buffer, Completion done, void *data)
{
  done (data, VixDiskLib_Read (disk, start, count, buffer));
  return VIX_ASYNC;
}

API VixError
VixDiskLib_Wait (Disk *disk)
{
  (void) disk;
  return VIX_OK;
}

API VixError
VixDiskLib_QueryAllocatedBlocks (Disk *disk, uint64_t start, uint64_t count,
                                 uint64_t chunk, BlockList **result)
{
  uint64_t unit = chunk * SECTOR, at = start * SECTOR;
  uint64_t end = at + count * SECTOR;
  BlockList *list;

  if (chunk < 128 || count % chunk || count / chunk > 512 * 1024)
    return VIX_E_INVALID_ARG;
  list = malloc (sizeof *list + (count / chunk) * sizeof (Block));
  list->count = 0;
  for (; at < end; at += unit) {
    off_t data = lseek (disk->fd, at, SEEK_DATA);

    if (data < 0 || (uint64_t) data >= end)
      break;
    at += ((uint64_t) data - at) / unit * unit;
    list->blocks[list->count++] = (Block) { at / SECTOR, chunk };
  }
  *result = list;
  return VIX_OK;
}

API VixError
VixDiskLib_FreeBlockList (BlockList *list)
{
  free (list);
  return VIX_OK;
}

/* What a read-only export never calls, but the plugin looks for. */

API VixError
VixDiskLib_Write (void)
{
  return VIX_E_NOT_SUPPORTED;
}

API VixError
VixDiskLib_WriteAsync (void)
{
  return VIX_E_NOT_SUPPORTED;
}

API VixError
VixDiskLib_Flush (void)
{
  return VIX_E_NOT_SUPPORTED;
}

API VixError
VixDiskLib_Create (void)
{
  return VIX_E_NOT_SUPPORTED;
}
