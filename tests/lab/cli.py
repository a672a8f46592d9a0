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
"""The command line of the lab: ``tools/lab``.

The lab is made of parts; each is a package ``tests.lab.<part>`` with
``install()``, ``up()``, ``down(purge)``, ``status()`` (an iterable of
``(name, alive, where)``) and, if it likes, ``summary()`` (lines that
``up`` ends with).
"""

import argparse
import contextlib
import fcntl
import importlib
import shlex
import sys
import time

from tests.lab import appliance
from tests.lab import commands
from tests.lab import daemons
from tests.lab import install
from tests.lab import phases
from tests.lab import settings

#: In the order they start.
PARTS = ('databases', 'cloud', 'vcenter', 'service', 'horizon')
#: What ``up`` starts without --only; a browser's suite adds Horizon.
USUAL = PARTS[:-1]
DEMO = ['up', *(f'--only={name}' for name in PARTS)]
FAILURES = (commands.CommandFailed, daemons.NotReady)


class PartMissing(Exception):
    """A part of the lab is not in this checkout."""


class InUse(Exception):
    """A part is still needed by another one."""


@contextlib.contextmanager
def lock():
    """Let one command at a time change the lab."""
    settings.LAB.mkdir(parents=True, exist_ok=True)
    with (settings.LAB / 'lock').open('w') as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print('waiting for another tools/lab to finish', flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def part(name):
    """Return the module of a part; raises PartMissing."""
    module = f'tests.lab.{name}'
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        found = None
    if not hasattr(found, 'up'):
        raise PartMissing(
            f'The lab has no part "{name}" yet: there is no {module}.'
        )
    return found


def chosen(only):
    """Return ``{name: module}`` of the parts asked for, in their order."""
    found = {}
    for name in PARTS:
        if only and name not in only:
            continue
        try:
            found[name] = part(name)
        except PartMissing:
            if only:
                raise
    return found


def up(args):
    """Install what is missing and start the parts; safe to repeat."""
    begun = time.monotonic()
    parts = chosen(args.only or USUAL)
    if set(parts) != {'databases'}:
        foundation()
    for module in parts.values():
        module.install()
    for name, module in parts.items():
        module.up(**_options(name, args))
    print(f'{"the lab is up":<44}{time.monotonic() - begun:7.1f} s\n')
    for module in parts.values():
        for line in getattr(module, 'summary', list)():
            print(line)
    return 0


def _options(name, args):
    return {'barbican': True} if name == 'cloud' and args.barbican else {}


def foundation():
    """Install what several parts need."""
    with phases.phase('Debian packages') as remark:
        remark(f'{install.packages()} installed')
    with phases.phase("Migrate's environment"):
        install.migrate()
    with phases.phase("libguestfs's kernel"):
        appliance.install()


def down(args):
    """Stop the parts, the last first; with --purge forget their data."""
    parts = chosen(args.only)
    _refuse_to_strand(parts)
    for name in reversed(parts):
        with phases.phase(f'stop {name}'):
            parts[name].down(purge=args.purge)
    return 0


def _refuse_to_strand(parts):
    """Keep the databases of parts that go on running."""
    if 'databases' not in parts:
        return
    for name, module in chosen(()).items():
        if name not in parts and any(row[1] for row in module.status()):
            raise InUse(
                f'The databases stay: {name} is up. Stop it too: '
                'tools/lab down'
            )


def status(args):
    """Print what runs; end with 1 when something does not."""
    rows = [
        (name, *row)
        for name, module in chosen(args.only).items()
        for row in module.status()
    ]
    for name, daemon, alive, where in rows:
        print(
            f'{name:<10} {daemon:<18} {"up" if alive else "DOWN":<5} {where}'
        )
    expected = args.only or USUAL
    return 0 if all(row[2] for row in rows if row[0] in expected) else 1


def env(args):
    """Print shell assignments that make ``openstack`` act as a user."""
    for key, value in environment(args.user).items():
        print(f'export {key}={shlex.quote(value)}')
    # The shell's own PATH goes on behind, so it stays unquoted.
    print(f'export PATH={shlex.quote(str(settings.VENV / "bin"))}:"$PATH"')
    return 0


def environment(user):
    """Return the variables of an OpenStack client for ``user``."""
    project, _roles = settings.USERS[user]
    return {
        'MIGRATE_LAB': str(settings.LAB),
        'OS_AUTH_URL': settings.AUTH_URL,
        'OS_IDENTITY_API_VERSION': '3',
        'OS_USERNAME': user,
        'OS_PASSWORD': settings.PASSWORD,
        'OS_PROJECT_NAME': project,
        'OS_USER_DOMAIN_NAME': 'Default',
        'OS_PROJECT_DOMAIN_NAME': 'Default',
        'OS_REGION_NAME': settings.REGION,
        'OS_COMPUTE_API_VERSION': '2.95',
        'OS_CLIENT_CONFIG_FILE': str(settings.CLOUDS_YAML),
    }


def migrate(argv):
    """Carry out one migration through the command line client."""
    part('service')
    module = importlib.import_module('tests.lab.service.migrate')
    return module.main(argv)


def parser():
    """Return the parser of the command line."""
    top = argparse.ArgumentParser(prog='tools/lab', description=__doc__)
    commands_ = top.add_subparsers(required=True, metavar='COMMAND')
    for function in (up, down, status, env):
        one = commands_.add_parser(
            function.__name__, help=function.__doc__.splitlines()[0]
        )
        one.set_defaults(function=function, changes=function in (up, down))
        if function is env:
            one.add_argument('user', choices=sorted(settings.USERS))
            continue
        one.add_argument(
            '--only', action='append', choices=PARTS, metavar='PART',
            help=f'only this part ({", ".join(PARTS)}); may be repeated',
        )  # fmt: skip
        if function is up:
            one.add_argument(
                '--barbican', action='store_true', help='with Barbican'
            )
        if function is down:
            one.add_argument(
                '--purge', action='store_true', help='remove the data too'
            )
    # Only for --help: main() hands these to their module unparsed.
    commands_.add_parser('migrate', help='migrate one machine')
    commands_.add_parser('demo', help='up with Horizon, then migrate')
    return top


def _change(args):
    install.require_root()
    with lock():
        return args.function(args)


def main(argv=None):
    """Run ``tools/lab``; return the exit code."""
    argv = sys.argv[1:] if argv is None else argv
    try:
        if argv[:1] == ['migrate']:
            return migrate(argv[1:])
        if argv[:1] == ['demo']:
            return _change(parser().parse_args(DEMO)) or migrate(argv[1:])
        args = parser().parse_args(argv)
        return _change(args) if args.changes else args.function(args)
    except (PartMissing, InUse, *FAILURES) as error:
        print(f'\n{error}', file=sys.stderr)
        return 1
