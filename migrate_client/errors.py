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


"""Turns an HTTP error of the SDK into the sentences the service sent."""

import typing


class Explanation(typing.NamedTuple):
    """What the service said about an error; None where it said nothing."""

    message: str
    remedy: str | None = None
    code: str | None = None
    request_id: str | None = None

    def __str__(self):
        parts = [self.message, self.remedy]
        if self.request_id:
            parts.append(f'(Request id: {self.request_id})')
        return ' '.join(part for part in parts if part)


def explain(error):
    """Return the :class:`Explanation` of an SDK ``HttpException``.

    An answer that is not the service's own (a proxy's page, another
    service's error) is explained by what the SDK made of it.
    """
    request_id = getattr(error, 'request_id', None)
    try:
        body = error.response.json()
        entry = body['errors'][0]
        message = body.get('message') or entry['detail']
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return Explanation(str(error), request_id=request_id)
    return Explanation(
        message=message,
        remedy=entry.get('remedy'),
        code=entry.get('code'),
        request_id=entry.get('request_id') or request_id,
    )
