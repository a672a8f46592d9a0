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
"""A conversion node with doors: the real worker, stopped where a test says.

Behind each step there is a door. A scenario closes it by writing ``hold`` or
``fail`` into the file ``<doors>/<step>``. When the work of the step is done,
but before the conductor hears of it, the node waits there (until it is
cancelled, loses its lease or the file goes away) or raises an error: the
worst moment to stop, everything is made and nothing is reported. The file
``<step>.reached`` tells the scenario that the node waits. With ``pretend`` a
step that converts is not carried out at all: machines without a system need
no appliance then.
"""

import sys

from migrate_service import exceptions
from migrate_service.cmd import worker
from migrate_service.worker.steps import pretend
from migrate_service.worker.steps import registry
from tests.lab.service import config


class DoorFailure(exceptions.StepFailed):
    """What the scenario asked for."""

    code = 'lab.door'
    template = 'A scenario let the step %(step)s fail.'


def asked(step):
    """Return ``hold``, ``fail``, ``pretend`` or None: what is asked for."""
    try:
        return (config.DOORS / step).read_text()
    except FileNotFoundError:
        return None


def with_door(step, run):
    """Return ``run`` followed by the door of ``step``."""

    def run_then_stop(work):
        if asked(step) == 'pretend':
            return pretend.STEPS[step](work)
        outcome = run(work)
        while asked(step) == 'hold':
            (config.DOORS / f'{step}.reached').touch()
            work.sleep(0.2)
        if asked(step) == 'fail':
            raise DoorFailure(step=step)
        return outcome

    return run_then_stop


def main():
    for step, run in registry.STEPS.items():
        registry.STEPS[step] = with_door(step, run)
    return worker.main()


if __name__ == '__main__':
    sys.exit(main())
