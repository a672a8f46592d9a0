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

"""Run one task with libguestfs in a child process that can be killed."""

import json
import os
import re
import shutil
import sys
import tempfile

from migrate_service import child
from migrate_service.convert import errors

MODULE = 'migrate_service.convert.task'
REQUEST = 'request.json'
ANSWER = 'answer.json'
#: What libguestfs makes for its sockets; as root always in /tmp.
SOCKET_DIRECTORY = re.compile(rb'/tmp/libguestfs\w{6}(?=/)')


def run(task, request, *, workdir, log, check, env):
    """Run a task of ``convert.task`` in a child and return its answer.

    :param task: name of the task.
    :param request: JSON-able dict.
    :param workdir, log, check, env: as for ``inspection.inspect``.
    :raises ApplianceFailed: the child ended without an answer.
    :raises StepFailed: what the task raised, one of ``convert.errors``.
    """
    directory = tempfile.mkdtemp(prefix='convert-', dir=workdir)
    try:
        with open(os.path.join(directory, REQUEST), 'w+') as stream:
            json.dump({'task': task, **request}, stream)
            stream.flush()
            stream.seek(0)
            command = [sys.executable, '-m', MODULE, directory]
            wait_for(
                child.Child(
                    command,
                    log=log,
                    stdin=stream,
                    env=environment(env, directory),
                ),
                check,
            )
        return _answer(directory, log)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def environment(env, directory):
    """Return ``env`` with every temporary file kept in ``directory``.

    The appliance is a child of ours, never of libvirt: killing our child
    must end every write to the disks.
    """
    return {
        'LIBGUESTFS_BACKEND': 'direct',
        'LIBGUESTFS_CACHEDIR': '/var/tmp',  # noqa: S108 # nosec B108
        **env,
        'TMPDIR': directory,
        'LIBGUESTFS_TMPDIR': directory,
    }


def wait_for(process, check):
    """Wait for a child that uses libguestfs; leave no trace when killed.

    :returns: its exit code.
    """
    leftovers = set()

    def guarded():
        try:
            check()
        except BaseException:
            leftovers.update(_socket_directories(process.pid))
            raise

    try:
        return process.wait(guarded)
    finally:
        for directory in leftovers:
            shutil.rmtree(directory, ignore_errors=True)


def _socket_directories(group):
    """Return where libguestfs keeps its sockets in a process group."""
    found = set()
    for name in filter(str.isdigit, os.listdir('/proc')):
        try:
            if os.getpgid(int(name)) == group:
                with open(f'/proc/{name}/cmdline', 'rb') as stream:
                    found.update(SOCKET_DIRECTORY.findall(stream.read()))
        except OSError:  # it has just ended
            continue
    return found


def _answer(directory, log):
    try:
        with open(os.path.join(directory, ANSWER)) as stream:
            answer = json.load(stream)
    except FileNotFoundError:
        reason = f'its process ended early; {tail(log)}'
        raise errors.ApplianceFailed(reason=reason) from None
    if 'error' in answer:
        error = answer['error']
        raise getattr(errors, error['class'])(**error['kwargs'])
    return answer['answer']


def tail(log, size=300):
    """Return the last words of a log, on one line."""
    with open(log, 'rb') as stream:
        stream.seek(0, os.SEEK_END)
        stream.seek(max(0, stream.tell() - size))
        return ' '.join(stream.read().decode(errors='replace').split())
