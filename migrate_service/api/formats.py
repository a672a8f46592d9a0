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

"""Formats of values that JSON schema alone cannot check, and normal forms."""

import ipaddress
import re

import jsonschema
from cryptography import x509

CHECKER = jsonschema.FormatChecker(formats=())

_LABEL = r'[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?'
_HOST_NAME = re.compile(rf'{_LABEL}(\.{_LABEL})*\.?', re.ASCII)
_NUMBER = re.compile(r'[0-9]+|0[xX][0-9A-Fa-f]*', re.ASCII)
_FINGERPRINT = re.compile(r'[0-9A-Fa-f]{64}', re.ASCII)
_UUID = re.compile(
    r'[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}', re.ASCII | re.IGNORECASE
)


@CHECKER.checks('host')
def is_host(value):
    """Return whether a text is a host name or an IP address, nothing more.

    No scheme, port, path or user. A name whose last label is a number, such
    as ``127.1`` or ``0x7f000001``, is an address that only resolvers read.
    """
    if not isinstance(value, str):
        return True
    if _address(value):
        return True
    last = value.rstrip('.').rpartition('.')[2]
    return (
        len(value) <= 253
        and _HOST_NAME.fullmatch(value) is not None
        and not _NUMBER.fullmatch(last)
    )


def normal_host(value):
    """Return a host in lower case, an IPv6 address without brackets."""
    return str(_address(value) or value.lower().rstrip('.'))


def _address(value):
    text = value
    if value.startswith('[') and value.endswith(']'):
        text = value[1:-1]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return address if getattr(address, 'scope_id', None) is None else None


@CHECKER.checks('fingerprint')
def is_fingerprint(value):
    """Return whether a text is a SHA-256 in hexadecimal."""
    if not isinstance(value, str):
        return True
    return _FINGERPRINT.fullmatch(value.replace(':', '')) is not None


def normal_fingerprint(value):
    """Return a fingerprint in upper case, with colons."""
    plain = value.replace(':', '').upper()
    return ':'.join(plain[at : at + 2] for at in range(0, len(plain), 2))


@CHECKER.checks('pem')
def is_pem(value):
    """Return whether a text is one or more certificates in PEM."""
    if not isinstance(value, str):
        return True
    try:
        return bool(x509.load_pem_x509_certificates(value.encode()))
    except ValueError:
        return False


@CHECKER.checks('uuid')
def is_uuid(value):
    """Return whether a text is a UUID, with dashes or without."""
    return not isinstance(value, str) or _UUID.fullmatch(value) is not None


def is_text(value):
    """Return whether every back end of the database can hold a text."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return '\0' not in value
