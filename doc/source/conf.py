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
"""Configuration of the documentation build."""

import pathlib
import sys

DOC = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(DOC / 'ext'), str(DOC.parent)]

extensions = [
    'cliff.sphinxext',
    'printed_directives',
    'openstackdocstheme',
    'oslo_config.sphinxconfiggen',
    'oslo_config.sphinxext',
    'oslo_policy.sphinxext',
    'oslo_policy.sphinxpolicygen',
    'sphinx.ext.graphviz',
]

project = 'Migrate'
copyright = '2026, the Migrate developers'
#: Options and code in sentences keep their quotation marks.
smartquotes = False
html_theme = 'openstackdocs'
openstackdocs_repo_name = 'openstack/migrate'
openstackdocs_auto_name = False
openstackdocs_use_storyboard = False
graphviz_output_format = 'svg'

config_generator_config_file = [
    ('../../etc/migrate/config-generator.conf', '_static/migrate'),
]
policy_generator_config_file = [
    ('../../etc/migrate/policy-generator.conf', '_static/migrate'),
]
