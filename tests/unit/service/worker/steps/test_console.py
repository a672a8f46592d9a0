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


import testtools

from migrate_service.worker.steps import console

BOOTED = """
[  OK  ] Reached target \x1b[0;1;39mmulti-user.target\x1b[0m.

Debian GNU/Linux 12 web-bios ttyS0

web-bios login: """

LOST_ROOT = """
Begin: Waiting for root file system ... done.
Gave up waiting for root file system device.
ALERT!  UUID=5c1c does not exist.  Dropping to a shell!

BusyBox v1.35.0 (Debian 1:1.35.0-4) built-in shell (ash)
Enter 'help' for a list of built-in commands.

(initramfs) """

PANIC = """
[    2.1] Kernel panic - not syncing: VFS: Unable to mount root fs on 0,0
[    2.2] CPU: 0 PID: 1 Comm: swapper/0 Not tainted 6.1.0-26-amd64
[    2.3] ---[ end Kernel panic - not syncing: VFS: Unable to mount ]---
"""

EMERGENCY = """
You are in emergency mode. After logging in, type "journalctl -xb" to view
Give root password for maintenance
(or press Control-D to continue): """

UEFI_SHELL = """
BdsDxe: failed to load Boot0001 "UEFI Misc Device" from PciRoot(0x0): Not Found
UEFI Interactive Shell v2.2
EDK II
Shell> """

SEABIOS = """
Booting from Hard Disk...
Boot failed: not a bootable disk

No bootable device.
"""

#: Not the end of anything.
UNDECIDED = """
SeaBIOS (version 1.16.2-1)
Booting from Hard Disk...
GRUB loading.
[    0.000000] Command line: panic=30 emergency=no login=x
[    1.5] systemd[1]: Reached target sysinit.target - System Initialization.
[FAILED] Failed to start foo.service.
"""


class TestJudge(testtools.TestCase):
    def test_samples(self):
        for text, kind in (
            (BOOTED, console.UP),
            (LOST_ROOT, console.SHELL),
            (PANIC, console.PANIC),
            (EMERGENCY, console.SHELL),
            (UEFI_SHELL, console.NOT_BOOTABLE),
            (SEABIOS, console.NOT_BOOTABLE),
            (UNDECIDED, None),
            ('', None),
        ):
            self.assertEqual(kind, console.judge(text).kind, text)

    def test_the_last_sign_counts(self):
        self.assertEqual(console.UP, console.judge(PANIC + BOOTED).kind)
        self.assertEqual(console.SHELL, console.judge(BOOTED + LOST_ROOT).kind)

    def test_escapes_without_their_character(self):
        """Nova's answer has lost it."""
        text = '[[0;32m  OK  [0m] Reached target [0;1;39mgraphical.target[0m.'
        verdict = console.judge(text)
        self.assertEqual('Reached target graphical.target', verdict.line)
        self.assertFalse(verdict.prompt)
        self.assertTrue(console.judge(BOOTED).prompt)

    def test_names_the_line(self):
        self.assertEqual('web-bios login:', console.judge(BOOTED).line)
        self.assertIn('VFS: Unable to mount', console.judge(PANIC).line)
        self.assertNotIn('end', console.judge(PANIC).line)


class TestTail(testtools.TestCase):
    def test_last_lines_without_escapes(self):
        text = console.tail('\x1b[1mone\x1b[0m\r\ntwo\r\nthree\n\n', lines=2)
        self.assertEqual('two\nthree', text)

    def test_limit(self):
        self.assertEqual('x' * 10, console.tail('x' * 100, size=10))

    def test_a_guest_commands_no_terminal(self):
        evil = (
            '\x1b]0;owned\x07\x9b2J\x1bcKernel panic - not syncing: \x1bP\x08'
        )
        for text in (console.tail(evil), console.judge(evil).line):
            self.assertIn('Kernel panic', text)
            self.assertTrue(text.isprintable(), ascii(text))
