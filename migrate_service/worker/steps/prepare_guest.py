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

"""Make the guest that runs at the source bootable on virtio hardware.

The script may be run again at any time, and by nobody twice at a time. An
attempt that was broken off goes on with the process that it started.
"""

import json
import time

from migrate_service import exceptions
from migrate_service import secret_store
from migrate_service.convert import preparation
from migrate_service.drivers import guest as guests
from migrate_service.worker.steps import ends

#: Seconds between two looks at the process, first and last.
PAUSE_FIRST = 0.2
PAUSE_LAST = 5.0
KEPT = (
    'The guest was prepared for virtio. What was changed stays in it, also '
    'at the source: "sh /var/lib/migrate-prepare/prepare.sh revert" in the '
    'guest takes it back.'
)


class CredentialsGone(exceptions.StepFailed):
    code = 'guest.credentials_gone'
    title = 'Credentials gone'
    template = 'The credentials of the guest are not kept any more.'
    remedy = 'Ask for the preparation again.'


class PreparationTimeout(exceptions.StepFailed):
    code = 'guest.preparation_timeout'
    title = 'Preparation timed out'
    template = 'The script in the guest did not end in %(seconds)s seconds.'
    remedy = (
        'Look into the guest, where it may still run; ask again when it has '
        'ended.'
    )


def run(work):
    """Prepare the guest, or take that back; a round follows at once."""
    wish = work.lease.get('preparation')
    if not wish:
        raise CredentialsGone()
    store = secret_store.SecretStore(work.conf)
    credentials = json.loads(store.fetch(wish['secret']))
    state = work.checkpoint.setdefault('prepare', {})
    with work.open_source() as source:
        _check(work, source)
        guest = source.guest(work.machine_id, **credentials)
        guest.log_in()
        _ensure_started(work, guest, state, wish['action'])
        code, output = _ended(work, guest, state)
        state.clear()
    with open(work.log('prepare'), 'a') as log:
        log.write(output)
    preparation.check(code, output)
    _note(work, wish['action'], preparation.said(output))


def _check(work, source):
    """Refuse what cannot succeed before anything is asked of the guest."""
    machine = source.machine(work.machine_id)
    ends.check_same(work, machine)
    if machine.power_state != 'on' or machine.tools != 'running':
        raise guests.GuestToolsNotRunning(machine=work.name)


def _ensure_started(work, guest, state, action):
    if state.get('process') is not None:
        return
    if state.get('folder'):
        guest.remove_folder(state['folder'])
    folder = guest.make_folder()
    state['folder'] = folder
    work.save()
    guest.upload(f'{folder}/prepare.sh', preparation.SCRIPT.read_bytes())
    words = preparation.arguments(action, _macs(work))
    state['process'] = guest.start(
        '/bin/sh',
        f'{folder}/prepare.sh {" ".join(words)} > {folder}/output 2>&1',
    )
    work.save()


def _macs(work):
    """Return the addresses of the cards, at the source and of their ports."""
    ports = work.checkpoint['ports']
    return [
        (nic.mac, ports[nic.key]['mac'])
        for nic in ends.machine_of(work).nics
        if nic.key in ports
    ]


def _ended(work, guest, state):
    """Return exit code and output of the script when it has ended."""
    folder = state['folder']
    try:
        code = _wait(work, guest, state['process'])
    except guests.GuestProcessLost:
        # Exit codes are kept for some minutes only.
        output = _output(guest, folder)
        code = preparation.result(output)
        if code is None:
            state.clear()
            raise
    else:
        output = _output(guest, folder)
    guest.remove_folder(folder)
    return code, output


def _wait(work, guest, process):
    deadline = time.monotonic() + work.conf.worker.prepare_timeout
    pause = PAUSE_FIRST
    while (code := guest.exit_code(process)) is None:
        if time.monotonic() > deadline:
            raise PreparationTimeout(seconds=work.conf.worker.prepare_timeout)
        work.sleep(pause)
        pause = min(PAUSE_LAST, pause * 1.5)
    return code


def _output(guest, folder):
    try:
        data = guest.download(f'{folder}/output', preparation.MAX_OUTPUT)
    except guests.GuestFileNotFound:
        return ''
    return data.decode(errors='replace')


def _note(work, action, sentences):
    """Store what was done; the next round copies it, at once."""
    work.result['preparation'] = {
        'action': action,
        'kernels': preparation.kernels(sentences),
        'changes': sentences,
    }
    if action == preparation.PREPARE:
        work.warnings.append(KEPT)
    # What the guest needs at the cutover was seen before it was changed.
    work.checkpoint.pop('plan', None)
    work.checkpoint.pop('round_due', None)
    work.checkpoint['wake_after'] = 0
