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

/* How the stand-in talks to the simulated vCenter: TLS, login, thumbprint. */

#define _GNU_SOURCE
#include <errno.h>
#include <netdb.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vddk.h"

#define FIELD 512

static int
dial (const char *host, uint32_t port)
{
  struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
  struct addrinfo *found, *one;
  char service[12];
  int fd = -1;

  snprintf (service, sizeof service, "%u", port ? port : 443);
  if (getaddrinfo (host, service, &hints, &found))
    return -1;
  for (one = found; one && fd < 0; one = one->ai_next) {
    fd = socket (one->ai_family, one->ai_socktype | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect (fd, one->ai_addr, one->ai_addrlen)) {
      close (fd);
      fd = -1;
    }
  }
  freeaddrinfo (found);
  return fd;
}

static void
fingerprint (X509 *certificate, const EVP_MD *kind, char *text)
{
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size;

  X509_digest (certificate, kind, digest, &size);
  for (unsigned int i = 0; i < size; i++)
    text += sprintf (text, "%s%02X", i ? ":" : "", digest[i]);
}

static int
is_pinned (SSL *tls, const char *wanted)
{
  X509 *certificate = SSL_get1_peer_certificate (tls);
  char sha1[FIELD] = "", sha256[FIELD] = "";
  int same;

  if (!certificate)
    return 0;
  fingerprint (certificate, EVP_sha1 (), sha1);
  fingerprint (certificate, EVP_sha256 (), sha256);
  X509_free (certificate);
  same = wanted && (!strcasecmp (wanted, sha1) || !strcasecmp (wanted, sha256));
  if (!same)
    vddk_say (vddk_warn, "VixDiskLibVim: Failed to verify SSL certificate: "
              "actual thumbprint=%s expected=%s\n", sha1,
              wanted ? wanted : "none");
  return same;
}

static int
exchange (SSL *tls, const Parameters *p, const char *path,
          char *buffer, size_t size)
{
  char login[FIELD], encoded[2 * FIELD], request[8192], *body;
  size_t got = 0;
  int count, status = -1;

  snprintf (login, sizeof login, "%s:%s",
            p->credentials.login.user ? p->credentials.login.user : "",
            p->credentials.login.password ? p->credentials.login.password : "");
  EVP_EncodeBlock ((unsigned char *) encoded, (unsigned char *) login,
                   strlen (login));
  count = snprintf (request, sizeof request,
                    "GET %s HTTP/1.0\r\nHost: %s\r\n"
                    "Authorization: Basic %s\r\n\r\n",
                    path, p->server, encoded);
  if (SSL_write (tls, request, count) != count)
    return -1;
  while (got < size - 1
         && (count = SSL_read (tls, buffer + got, size - 1 - got)) > 0)
    got += count;
  buffer[got] = 0;
  if (sscanf (buffer, "HTTP/1.%*d %d", &status) != 1)
    return -1;
  body = strstr (buffer, "\r\n\r\n");
  if (body)
    memmove (buffer, body + 4, strlen (body + 4) + 1);
  return status;
}

int
vddk_ask (const Connection *connection, const char *path,
          char *buffer, size_t size, VixError *error)
{
  const Parameters *p = connection->parameters;
  SSL_CTX *context = SSL_CTX_new (TLS_client_method ());
  SSL *tls = NULL;
  int status = -1;
  int fd = dial (p->server, p->port);

  *error = VIX_E_CANNOT_CONNECT_TO_HOST;
  if (fd < 0) {
    vddk_say (vddk_warn, "VixDiskLibVim: Error 18000 (%s:%u: %s).\n",
              p->server, p->port, strerror (errno));
    goto out;
  }
  tls = SSL_new (context);
  SSL_set_fd (tls, fd);
  if (SSL_connect (tls) != 1)
    goto out;
  if (is_pinned (tls, p->thumbprint))
    status = exchange (tls, p, path, buffer, size);
  else
    *error = VIX_E_CERTIFICATE;
 out:
  SSL_free (tls);
  SSL_CTX_free (context);
  if (fd >= 0)
    close (fd);
  return status;
}

void
vddk_quote (char *to, const char *text)
{
  static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "abcdefghijklmnopqrstuvwxyz0123456789-._~/";

  to += strlen (to);
  for (; *text; text++)
    if (strchr (plain, *text))
      *to++ = *text;
    else
      to += sprintf (to, "%%%02X", (unsigned char) *text);
  *to = 0;
}
