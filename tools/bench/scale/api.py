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
"""Serves the API to the benchmark: ``SUFFIX CONFIG-FILE``; prints the port."""

import sys

from werkzeug import serving

from migrate_service import conf as migrate_conf
from migrate_service import wsgi  # noqa: F401 - chooses threads
from migrate_service.api import app
from migrate_service.db import api as db_api
from tests import fixtures


class Quiet(serving.WSGIRequestHandler):
    def log(self, type, message, *args):
        """Say nothing of each request."""


def main():
    suffix, path = sys.argv[1:]
    with fixtures.Topics(suffix):
        conf = migrate_conf.prepare('migrate-api', [f'--config-file={path}'])
        db_api.configure(conf)
        server = serving.make_server(
            '127.0.0.1',
            0,
            app.create(conf),
            threaded=True,
            request_handler=Quiet,
        )
        print(server.server_port, flush=True)
        server.serve_forever()


if __name__ == '__main__':
    main()
