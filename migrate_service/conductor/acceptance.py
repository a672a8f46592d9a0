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

"""When a result that nobody looks at is accepted by itself."""

import datetime


def due(conf, now):
    """Return the columns of a migration that begins to wait.

    :returns: ``accept_at``, when it is accepted without a user's word (None
        is never), and ``not_before``, when the user is warned of that.
    """
    deadline = conf.conductor.acceptance_deadline
    if not deadline:
        return {'accept_at': None, 'not_before': None}
    at = now + datetime.timedelta(seconds=deadline)
    early = min(conf.conductor.acceptance_warning, deadline)
    return {
        'accept_at': at,
        'not_before': at - datetime.timedelta(seconds=early),
    }
