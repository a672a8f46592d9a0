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

"""Times as the API shows them: ISO 8601, UTC."""

import datetime

from migrate_service import exceptions
from migrate_service.db import models


def shown(value):
    """Return a time of the database as text, or None."""
    return value and f'{value.isoformat(timespec="milliseconds")}Z'


def parsed(text):
    """Return a time as the database holds it, from ISO 8601 text or None.

    Without a zone it is UTC.

    :raises BadRequest: it is no such text.
    """
    if text is None:
        return None
    try:
        value = datetime.datetime.fromisoformat(text)
    except ValueError as error:
        raise exceptions.BadRequest(reason=str(error)) from None
    if value.tzinfo:
        value = value.astimezone(datetime.UTC).replace(tzinfo=None)
    return value


def age(value):
    """Return the whole seconds since a time of the database, or None."""
    return value and max(0, int((models.now() - value).total_seconds()))
