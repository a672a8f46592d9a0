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
"""Whether KVM works on this node: by running a guest of nine bytes.

``/dev/kvm`` may be there and of no use: a nested hypervisor that passes it
on only in part makes qemu abort, or its guests hang. libguestfs looks only
whether the device can be opened.
"""

import contextlib
import os
import subprocess
import tempfile

from migrate_service.node import findings

DEVICE = '/dev/kvm'
QEMU = 'qemu-system-x86_64'
#: Seconds; under TCG the guest needs a tenth of one.
PATIENCE = 10
SETTINGS = 'LIBGUESTFS_BACKEND_SETTINGS'
TCG = 'force_tcg'

#: mov al, 16; mov dx, 0xf4; out dx, al; hlt; jmp $-1
PROGRAM = bytes.fromhex('b010 baf400 ee f4 ebfd')
#: ``isa-debug-exit`` ends qemu with ``value << 1 | 1``.
EXIT_CODE = 16 << 1 | 1


def check():
    """Return the finding ``kvm``: works, is absent or cannot be used."""
    if not os.path.exists(DEVICE):
        return _without('There is no /dev/kvm on this host')
    if not os.access(DEVICE, os.R_OK | os.W_OK):
        return _without('This user may not open /dev/kvm')
    reason = why_not('kvm')
    if reason:
        return _without(f'/dev/kvm is there and cannot be used: {reason}')
    return findings.ok('kvm', 'KVM works: a guest ran.')


def _without(reason):
    return findings.warning(
        'kvm',
        f'{reason}. Conversions run without it, three to ten times slower.',
        'Use a host with hardware virtualization, or turn on nested '
        'virtualization for this one, and let the user of the worker open '
        '/dev/kvm.',
    )


def why_not(accelerator, patience=PATIENCE):
    """Run the guest; return None if it ended as it should, else the reason.

    :param accelerator: ``kvm`` or ``tcg``.
    :param patience: seconds after which it counts as hanging.
    """
    with tempfile.TemporaryDirectory(prefix='migrate-kvm-') as directory:
        disk = os.path.join(directory, 'boot.img')
        with open(disk, 'wb') as stream:
            stream.write(PROGRAM.ljust(510, b'\0') + b'\x55\xaa')
        try:
            done = subprocess.run(  # noqa: S603
                _command(accelerator, disk),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=patience,
                check=False,
            )
        except FileNotFoundError:
            return f'{QEMU} is not installed'
        except subprocess.TimeoutExpired:
            return f'a guest hangs, for {patience} seconds'
    if done.returncode == EXIT_CODE:
        return None
    lines = done.stderr.decode(errors='replace').strip().splitlines()
    words = lines[0] if lines else f'it ended with {done.returncode}'
    return f'{QEMU}: {words.removeprefix(f"{QEMU}: ")}'


def _command(accelerator, disk):
    # ``-cpu max`` is what libguestfs uses.
    return [
        QEMU, '-nodefaults', '-no-user-config', '-display', 'none',
        '-machine', 'pc', '-accel', accelerator, '-cpu', 'max', '-m', '16',
        '-device', 'isa-debug-exit,iobase=0xf4,iosize=1',
        '-drive', f'if=floppy,format=raw,readonly=on,file={disk}',
        '-boot', 'a',
    ]  # fmt: skip


def settle(environment):
    """Have libguestfs work without KVM where KVM does not work.

    :param environment: ``os.environ`` of the worker; its children inherit
        it. What the operator set there stays.
    :returns: the finding ``kvm``.
    """
    finding = check()
    if finding.status != findings.OK:
        _add_setting(environment)
    return finding


def _add_setting(environment):
    settings = environment.get(SETTINGS, '').split(':')
    with contextlib.suppress(ValueError):
        settings.remove('')
    if TCG not in settings:
        environment[SETTINGS] = ':'.join([*settings, TCG])
