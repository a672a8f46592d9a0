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

"""What all daemons do at their start."""

import resource

from oslo_reports import guru_meditation_report as guru
from oslo_reports import opts as report_opts
from oslo_service import service

from migrate_service import conf as migrate_conf
from migrate_service import service as migrate_service
from migrate_service import version


def run(program, argv, topic, make_manager, workers=None, prepare=None):
    """Run a daemon until it is told to stop; return its exit code.

    :param make_manager: called as ``make_manager(conf, bus)`` in each
        process.
    :param workers: called with the ConfigOpts, returns how many processes.
    :param prepare: called with the ConfigOpts before anything starts; what
        it returns is kept, what it raises is the end.
    """
    # Passwords and the content of guests are in memory, here and in children.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    conf = migrate_conf.prepare(program, argv)
    kept = prepare(conf) if prepare else None
    report_opts.set_defaults(conf)
    guru.TextGuruMeditation.setup_autorun(version.version_info, conf=conf)
    launcher = service.launch(
        conf,
        migrate_service.RPCService(conf, topic, make_manager),
        workers=workers(conf) if workers else 1,
        restart_method='mutate',
    )
    try:
        return launcher.wait()
    finally:
        del kept
