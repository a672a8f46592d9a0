#!/usr/bin/env python3
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

"""Write the OpenAPI document of the API: to a file, or to stdout."""

import argparse
import json
import sys

from oslo_config import cfg
from oslo_service import backend

backend.init_backend(backend.BackendType.THREADING)

from migrate_service import conf as migrate_conf  # noqa: E402
from migrate_service.api import app  # noqa: E402
from migrate_service.api import openapi  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('output', nargs='?', help='default: stdout')
    arguments = parser.parse_args()
    conf = cfg.ConfigOpts()
    migrate_conf.register_opts(conf)
    conf([], project=migrate_conf.PROJECT, default_config_files=[])
    text = json.dumps(openapi.document(app.flask_app(conf)), indent=2)
    if arguments.output is None:
        sys.stdout.write(f'{text}\n')
        return
    with open(arguments.output, 'w') as file:
        file.write(f'{text}\n')


if __name__ == '__main__':
    main()
