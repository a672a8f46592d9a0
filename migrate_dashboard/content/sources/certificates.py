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


"""The certificate that a source showed and that is not trusted yet."""

import re

_CODES = ('source.tls_untrusted', 'source.pin_mismatch')
_FINGERPRINT = re.compile(r'\b[0-9a-f]{64}\b')


def presented(source):
    """Return the SHA-256 of the certificate of a source that is in error.

    The service found it when it tested the connection; Horizon itself never
    connects to an address that a user names.

    :returns: ``AA:BB:…``, or None if the source has no such error.
    """
    error = source.error or {}
    if error.get('code') not in _CODES:
        return None
    found = _FINGERPRINT.search(error.get('message') or '')
    if not found:
        return None
    digits = found.group().upper()
    return ':'.join(digits[i : i + 2] for i in range(0, 64, 2))
