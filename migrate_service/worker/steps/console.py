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


"""Read the signs on a console: does the guest boot; pure."""

import dataclasses
import re

UP = 'up'
#: Something else is being tried: what was said before does not count.
GOING = 'going'
PANIC = 'panic'
SHELL = 'shell'
NOT_BOOTABLE = 'not_bootable'

#: Each sign is the end of a boot; the one that comes last on the console
#: counts, as a guest may have been restarted.
SIGNS = {
    UP: (
        r'^[^\n]*\S login:[ \t]*$',
        r'Reached target [^\n]*(?:multi-user|graphical)\.target',
        r'Reached target [^\n]*(?:Multi-User System|Graphical Interface)',
        r'Computer is booting, SAC started and initialized',
    ),
    GOING: (r'^Booting from (?:Hard Disk|DVD/CD|ROM|Floppy)[^\n]*',),
    PANIC: (
        r'(?<!end )Kernel panic - not syncing[^\n]*',
        r'VFS: Unable to mount root fs[^\n]*',
        r'Unable to find a medium containing a live file system',
    ),
    SHELL: (
        r'^\(initramfs\)',
        r'^dracut:/#',
        r'Give root password for maintenance',
        r'You are in emergency mode[^\n]*',
        r'Entering emergency mode[^\n]*',
        r'Cannot open access to console, the root account is locked[^\n]*',
        r'^(?:grub rescue|grub)> *$',
    ),
    NOT_BOOTABLE: (
        r'No bootable device[^\n]*',
        r'Boot failed: not a bootable disk',
        r'Boot failed: could not read the boot disk',
        r'FATAL: No bootable medium found[^\n]*',
        r'UEFI Interactive Shell[^\n]*',
        r'^Shell>',
        r'BdsDxe: No bootable option or device was found[^\n]*',
    ),
}
#: Terminal escapes; Nova's answer has lost the escape characters already.
_ESCAPES = re.compile(
    r'\x1b?\[[0-9;?]*[mKHJ]|\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[()][A-Z0-9]|[\r\0]'
)
#: What is left of others: a terminal must not obey a guest.
_CONTROLS = re.compile(r'[\x00-\x08\x0b-\x1f\x7f-\x9f]')
_PROMPT = re.compile(r' login:$')


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What a console tells; ``kind`` is None while there is no sign."""

    kind: str | None
    line: str = ''

    @property
    def prompt(self):
        """Whether somebody could log in now: nothing more is to come."""
        return bool(_PROMPT.search(self.line))


def judge(text):
    """Return the :class:`Verdict` on the text of a console."""
    text = plain(text)
    last, verdict = -1, Verdict(None)
    for kind, patterns in SIGNS.items():
        for pattern in patterns:
            for match in re.finditer(pattern, text, re.MULTILINE):
                if match.start() > last:
                    last = match.start()
                    verdict = Verdict(kind, match.group().strip())
    return Verdict(None) if verdict.kind == GOING else verdict


def plain(text):
    """Return the text without terminal escapes and control characters."""
    return _CONTROLS.sub('', _ESCAPES.sub('', text))


def tail(text, lines=40, size=4000):
    """Return the last lines of a console, to keep with the migration."""
    kept = '\n'.join(plain(text).rstrip().splitlines()[-lines:])
    return kept[-size:]
