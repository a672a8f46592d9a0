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


"""Wait for tasks of vSphere."""

import time

from migrate_service.drivers import errors


def wait(session, task, operation):
    """Return when a task has succeeded.

    :param operation: what was asked, for the sentence of an error.
    :raises vmodl.MethodFault: what ended it; ``session.explained`` knows
        what it means.
    :raises SourceTimeout: it goes on.
    """
    deadline = time.monotonic() + session.task_timeout
    pause = 0.1
    while time.monotonic() < deadline:
        info = session.properties(task, ['info']).get('info')
        if info and info.state == 'success':
            return
        if info and info.state == 'error':
            raise info.error
        time.sleep(pause)
        pause = min(2.0, pause * 1.5)
    raise errors.SourceTimeout(
        operation=operation, seconds=session.task_timeout
    )
