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
"""A daemon on the topics of one test: ``PROGRAM SUFFIX ARGUMENTS…``."""

import importlib
import sys

from tests import fixtures


def main():
    program, suffix = sys.argv.pop(1), sys.argv.pop(1)
    daemon = importlib.import_module(f'migrate_service.cmd.{program}')
    with fixtures.Topics(suffix):
        return daemon.main()


if __name__ == '__main__':
    sys.exit(main())
