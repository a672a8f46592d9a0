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


"""Wait until a user accepts the server, or wants the source back."""

from migrate_service.worker.steps import release_source


def run(work):
    """Tell what the cutover cost; ask nobody where the user said so."""
    work.check()
    if 'warm' in work.checkpoint:
        work.result['downtime'] = release_source.downtime(work.checkpoint)
    return 'done' if work.options.get('acceptance') == 'auto' else 'wait'
