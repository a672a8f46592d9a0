# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.
"""Whether this node reaches what it talks to."""

import hashlib
import socket
import urllib.parse

from keystoneauth1 import loading

from migrate_service import exceptions
from migrate_service.drivers.vsphere import address
from migrate_service.drivers.vsphere import tls
from migrate_service.node import findings

#: TCP port of an ESXi host that the VDDK reads disks from (NFC).
NFC_PORT = 902
TIMEOUT = 10


def check(conf, sources):
    """Yield a finding for Keystone and those of each source.

    :param sources: ``HOST[:PORT]`` texts.
    """
    yield keystone(conf)
    for text in sources:
        yield from source(conf, text)


def keystone(conf):
    """Return whether the Identity service accepts a connection."""
    plugin = loading.load_auth_from_conf_options(conf, 'service_auth')
    if plugin is None:
        return findings.failed(
            'keystone',
            '[service_auth] is not configured.',
            'Copy this section from the configuration of the API.',
        )
    # Loading the plug-in has registered its options.
    url = urllib.parse.urlsplit(conf.service_auth.auth_url)
    port = url.port or {'https': 443}.get(url.scheme, 80)
    return _connects('keystone', url.hostname, port)


def source(conf, text):
    """Yield whether a source resolves, may be used, connects, speaks TLS."""
    host, port = split(text)
    check = f'source {text}'
    try:
        endpoint = address.resolve(
            host,
            port,
            allowed=conf.vsphere.allowed_networks,
            denied=conf.vsphere.denied_networks,
        )
    except exceptions.MigrateError as error:
        yield findings.failed(check, str(error), error.advice)
        return
    yield _speaks_tls(check, endpoint)
    if 'vddk' in conf.worker.transports:
        yield _connects(f'{check} NFC', endpoint.address, NFC_PORT)


def _speaks_tls(check, endpoint):
    try:
        certificate = tls.certificate_of(endpoint, TIMEOUT)
    except OSError as error:
        return _unreached(check, endpoint.host, endpoint.port, error)
    shown = hashlib.sha256(certificate).hexdigest()
    return findings.ok(
        check,
        f'{endpoint.address} answers; SHA-256 of its certificate: {shown}',
    )


def split(text):
    """Return host and port of ``HOST[:PORT]``; IPv6 goes in brackets."""
    parts = urllib.parse.urlsplit(f'//{text}')
    return parts.hostname or text, parts.port or 443


def _connects(check, host, port):
    try:
        socket.create_connection((host, port), TIMEOUT).close()
    except OSError as error:
        return _unreached(check, host, port, error)
    return findings.ok(check, f'{host} port {port} answers.')


def _unreached(check, host, port, error):
    return findings.failed(
        check,
        f'{host} port {port} cannot be used: {error.strerror or error}.',
        'Look at the name, the route and the firewall between this node '
        'and it.',
    )
