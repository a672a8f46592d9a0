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


"""All commands: packaged, and with complete help."""

import importlib
import inspect
import pkgutil

import testtools
from openstackclient import shell
from osc_lib.command import command

from migrate_client import osc
from tests.unit.client import base


def _classes():
    for module in pkgutil.iter_modules(osc.__path__):
        module = importlib.import_module(f'{osc.__name__}.{module.name}')
        for name, thing in inspect.getmembers(module, inspect.isclass):
            if (
                issubclass(thing, command.Command)
                and thing.__module__ == module.__name__
                and module.__name__ != 'migrate_client.osc.base'
            ):
                yield f'{module.__name__}:{name}', thing


class TestCommands(testtools.TestCase):
    def test_every_command_is_packaged(self):
        self.assertEqual(
            sorted(target for target, _ in _classes()),
            sorted(base.entry_points().values()),
        )

    def test_every_option_is_explained(self):
        for target, kind in _classes():
            parser = kind(None, None).get_parser('migration')
            mute = [
                action.dest for action in parser._actions if not action.help
            ]
            self.assertEqual([], mute, target)
            self.assertTrue(inspect.getdoc(kind), target)
            self.assertIn('migration', parser.format_help())

    def test_no_option_is_taken_by_the_shell(self):
        """The shell looks for its own options behind the command, too."""
        known = shell.OpenStackShell().parser._option_string_actions
        for target, kind in _classes():
            parser = kind(None, None).get_parser('migration')
            taken = [
                option
                for option in parser._option_string_actions
                if option not in ('-h', '--help')
                and any(name.startswith(option) for name in known)
            ]
            self.assertEqual([], taken, target)
