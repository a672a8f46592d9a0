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

"""The data mover: a child process that copies or verifies one disk.

Its order is one JSON line on stdin; further lines are commands
(``{"rate": bytes a second or null}``, ``{"checkpoint": true}``); the end of
stdin is the end of the mover. It answers in JSON lines on stdout: events
``progress``, ``checkpoint``, ``end`` and ``error``. It knows no secret.
"""

import json
import os
import sys
import threading

from migrate_service.transfer import budget
from migrate_service.transfer import engine
from migrate_service.transfer import rereading
from migrate_service.transfer import targets

PROGRESS_INTERVAL = 0.5
_output = threading.Lock()


def emit(event):
    """Send one event to the parent; without a parent, end at once."""
    line = json.dumps(event, separators=(',', ':')).encode() + b'\n'
    try:
        with _output:
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
    except OSError:
        os._exit(3)


def obey(job, bucket):
    """Carry out commands until stdin ends, then end the process."""
    for line in sys.stdin:
        command = json.loads(line)
        if 'rate' in command:
            bucket.set_rate(command['rate'])
        if command.get('checkpoint'):
            job.due.set()
    os._exit(3)


def beat(job, interval, over):
    """Tell progress, and make checkpoints each ``interval`` seconds."""
    waited = 0.0
    while not over.wait(PROGRESS_INTERVAL if interval > 0.5 else interval):
        waited += PROGRESS_INTERVAL if interval > 0.5 else interval
        emit(job.progress())
        if waited < interval and not job.due.is_set():
            continue
        waited = 0.0
        job.due.clear()
        try:
            job.checkpoint()
        except engine.WriteError as error:
            job.fail(error)


def work(spec, bucket):
    """Do the order and emit its end.

    :raises engine.ReadError, engine.WriteError, targets.TargetError:
    """
    readonly = spec['mode'] == 'verify'
    try:
        target = targets.open_target(spec['target'], readonly=readonly)
    except OSError as error:
        raise targets.TargetError(engine.describe(error)) from error
    kind = rereading.Verify if readonly else engine.Copy
    job = kind(spec['source'], target, spec, bucket, emit)
    over = threading.Event()
    beats = threading.Thread(
        target=beat, args=(job, spec['checkpoint_interval'], over)
    )
    threading.Thread(target=obey, args=(job, bucket), daemon=True).start()
    beats.start()
    try:
        job.run()
    finally:
        over.set()
        beats.join()
    emit(job.progress())
    emit({'event': 'end', **job.result()})


def main():
    """Run one order; the exit code is 0 only after the event ``end``."""
    spec = json.loads(sys.stdin.readline())
    try:
        work(spec, budget.Bucket(spec['rate']))
    except (
        engine.ReadError,
        engine.WriteError,
        targets.TargetError,
    ) as error:
        kind = type(error).__name__
        emit({'event': 'error', 'kind': kind, 'reason': str(error)})
        return 1
    return 0


if __name__ == '__main__':
    code = main()
    sys.stdout.flush()
    os._exit(code)
