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

"""The parent's side of data movers: start, listen, steer, kill."""

import contextlib
import json
import os
import selectors
import subprocess
import time
import typing

from migrate_service import child
from migrate_service.transfer import budget
from migrate_service.transfer import errors

TICK = 0.25
"""Seconds between two calls of ``check``."""

_KINDS = {
    'ReadError': errors.SourceReadFailed,
    'WriteError': errors.SinkWriteFailed,
    'TargetError': errors.SinkUnusable,
}


class Mover:
    """One mover process and what it last said.

    :param key: the disk, for errors.
    :param spec: its order, see :mod:`..mover`.
    :param log: path of its log.
    :param explain: text of the disk server's complaints.
    """

    def __init__(self, key, spec, log, explain):
        self.key = key
        self.result = None
        self.measured = Rate()
        self._explain = explain
        self._rest = b''
        self._rate = spec['rate']
        command, env = child.python('migrate_service.transfer.mover')
        self._child = child.Child(
            command,
            log=log,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=env,
        )
        self._input = typing.cast(typing.IO[bytes], self._child.process.stdin)
        self.output = typing.cast(typing.IO[bytes], self._child.process.stdout)
        os.set_blocking(self.output.fileno(), False)
        self._tell(spec)

    def kill(self):
        self._child.kill()

    def set_rate(self, rate):
        """Give the mover another share, when it differs by over 2 %."""
        old = self._rate
        if old != rate and not (old and rate and abs(old - rate) < 0.02 * old):
            self._rate = rate
            self._tell({'rate': rate})

    def events(self):
        """Return the events that have come; [] while there are none.

        :raises errors.TransferFailed: the mover told an error, or ended
            without telling its end.
        """
        data = self.output.read()
        if data == b'':
            self._ended()
        *lines, self._rest = (self._rest + (data or b'')).split(b'\n')
        events = [json.loads(line) for line in lines]
        for event in events:
            if event['event'] == 'error':
                self._raise(event)
            if event['event'] == 'end':
                self.result = event
        return events

    def _tell(self, message):
        line = json.dumps(message, separators=(',', ':')).encode() + b'\n'
        try:
            self._input.write(line)
            self._input.flush()
        except BrokenPipeError:
            pass  # its end is noticed when its output is read

    def _raise(self, event):
        reason = event['reason']
        if event['kind'] == 'ReadError' and self._explain():
            reason = f'{reason} ({self._explain()})'
        raise _KINDS[event['kind']](disk=self.key, reason=reason)

    def _ended(self):
        code = self._child.process.wait()
        if self.result is None or code:
            raise errors.MoverDied(
                disk=self.key,
                returncode=code,
                reason=self._child.tail(500) or 'no message',
            )


class Rate:
    """Bytes a second over the last seconds, from growing counters."""

    def __init__(self, window=5.0):
        self._window = window
        self._points = [(time.monotonic(), 0)]

    def add(self, value):
        """Add the counter's present value and return the rate."""
        now = time.monotonic()
        self._points.append((now, value))
        while self._points[1][0] < now - self._window:
            del self._points[0]
        then, first = self._points[0]
        return (value - first) / max(now - then, 0.001)

    @property
    def value(self):
        (then, first), (now, last) = self._points[0], self._points[-1]
        return (last - first) / max(now - then, 0.001)


def run(movers, *, check, handle, rate=None):
    """Listen to the movers until all have ended.

    :param movers: list of :class:`Mover`; killed on any way out.
    :param check: called every :data:`TICK` seconds.
    :param handle: called as ``handle(mover, event)``.
    :param rate: bytes a second for all, None, or a callable.
    """
    with contextlib.ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        for mover in movers:
            stack.callback(mover.kill)
            selector.register(mover.output, selectors.EVENT_READ, mover)
        due = 0.0
        while selector.get_map():
            for ready, _ in selector.select(TICK):
                mover = ready.data
                for event in mover.events():
                    handle(mover, event)
                if mover.result is not None:
                    selector.unregister(mover.output)
            if time.monotonic() >= due:
                check()
                due = time.monotonic() + TICK
                _steer(movers, rate)


def limit(rate):
    """Return the bytes a second of the moment, or None."""
    return rate() if callable(rate) else rate


def _steer(movers, rate):
    active = [mover for mover in movers if mover.result is None]
    whole = limit(rate)
    demands = dict.fromkeys(active)
    for mover in active:
        if whole and mover.measured.value < 0.7 * whole / len(active):
            demands[mover] = mover.measured.value * 1.5 + whole / 50
    for mover, share in budget.shares(whole, demands).items():
        mover.set_rate(share)
