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

"""Options: each ConfigOpts has its own values; each option has a help."""

import testtools
from oslo_config import cfg

from migrate_service import conf as migrate_conf
from migrate_service.conf import opts


class TestConf(testtools.TestCase):
    def conf(self):
        conf = cfg.ConfigOpts()
        migrate_conf.register_opts(conf)
        conf([], project='migrate', default_config_files=[])
        return conf

    def test_values_are_not_shared(self):
        for group in migrate_conf.GROUPS:
            changed = self.conf()
            for name in changed[group.group.name]:
                changed.set_override(name, None, group.group.name)
            other = self.conf()
            changed_group = changed[group.group.name]
            for name in other[group.group.name]:
                self.assertIsNone(changed_group[name])
            options = group.list_opts()[group.group]
            defaults = {
                option.dest: option.default
                for option in options
                if option.dest in other[group.group.name]
            }
            for name, default in defaults.items():
                self.assertEqual(default, other[group.group.name][name])

    def test_every_option_of_ours_has_a_summary_and_a_group_a_help(self):
        for group, options in opts.list_opts():
            self.assertTrue(group.help, group.name)
            if group.name == 'service_auth':
                continue
            for option in options:
                self.assertRegex(option.help, r'^\n[A-Z]\S', option.name)
