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

"""Options of the drivers that only pretend: ``[fake]``."""

from oslo_config import cfg

group = cfg.OptGroup(
    'fake',
    title='Fake drivers',
    help='A source and a cloud in a folder, for tests and for a first look.',
)

opts = [
    cfg.StrOpt(
        'directory',
        default='/var/lib/migrate/fake',
        help="""
The folder that holds the machines of the source ``fake`` and everything in
the cloud ``fake``.

All workers must see the same folder.

Related options:

* ``[worker] destination``
* ``[api] enabled_drivers``
""",
    ),
]


def register_opts(conf):
    conf.register_opts(opts, group=group.name)


def list_opts():
    return {group: opts}
