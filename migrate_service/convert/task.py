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

"""The child process: read a request, work in the appliance, answer.

``python -m migrate_service.convert.task DIRECTORY`` takes a JSON object with
``task`` on stdin and writes ``answer.json`` into the directory. What it
prints is the log of the migration, which the user reads.
"""

import json
import os
import sys
import traceback

from migrate_service import exceptions
from migrate_service.convert import adapt
from migrate_service.convert import change
from migrate_service.convert import errors
from migrate_service.convert import examine
from migrate_service.convert import model
from migrate_service.convert import process

#: task: what serves it, what an error of libguestfs in it means
TASKS = {
    'inspect': (examine.run, errors.InspectionFailed),
    'adapt': (adapt.run, errors.ConversionFailed),
    'change': (change.run, errors.ConversionFailed),
}


def main(directory):
    """Serve one request and leave the answer in ``directory``."""
    request = json.load(sys.stdin)
    disks = [model.Disk(*disk) for disk in request['disks']]
    serve, failure = TASKS[request['task']]
    try:
        answer = {'answer': serve(disks, request, directory)}
    except exceptions.StepFailed as error:
        answer = _refusal(error)
    except RuntimeError as error:  # what libguestfs raises
        traceback.print_exc(file=sys.stdout)
        answer = _refusal(failure(reason=str(error)))
    partial = os.path.join(directory, process.ANSWER + '.partial')
    with open(partial, 'w') as stream:
        json.dump(answer, stream)
    os.replace(partial, os.path.join(directory, process.ANSWER))


def _refusal(error):
    print(error, flush=True)
    kind = type(error).__name__
    return {'error': {'class': kind, 'kwargs': error.kwargs}}


if __name__ == '__main__':
    main(sys.argv[1])
