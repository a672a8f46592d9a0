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

"""``migrate-worker``: carries out migrations on a conversion node."""

import functools
import os
import sys

from migrate_service import rpc
from migrate_service.cmd import daemon
from migrate_service.node import acceleration
from migrate_service.node import checks
from migrate_service.worker import manager
from migrate_service.worker import names


def make_manager(kvm, conf, bus):
    """Return the manager, which tells conductors of the node.

    :param kvm: the finding about KVM.
    """
    facts = checks.facts(conf, kvm)
    return manager.WorkerManager(conf, bus, facts=facts)


def main():
    kvm = acceleration.settle(os.environ)
    try:
        return daemon.run(
            'migrate-worker',
            sys.argv[1:],
            rpc.WORKER_TOPIC,
            functools.partial(make_manager, kvm),
            prepare=names.hold,
        )
    except names.NameTaken as error:
        print(f'migrate-worker: {error}', file=sys.stderr)
        return 1


if __name__ == '__main__':
    sys.exit(main())
