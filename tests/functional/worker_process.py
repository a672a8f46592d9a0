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

"""``migrate-worker`` on the topics of one test: ``SUFFIX ARGUMENTS…``."""

import sys

from migrate_service.cmd import worker
from tests import fixtures


def main():
    suffix = sys.argv.pop(1)
    with fixtures.Topics(suffix):
        return worker.main()


if __name__ == '__main__':
    sys.exit(main())
