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

"""Stands in for ``convert.task``: answers, fails or hangs as it is told."""

import json
import subprocess
import sys

request = json.load(sys.stdin)
if request['task'] == 'hang':
    # as libguestfs starts qemu: in our process group, sockets in its argv
    command = ['sleep', '600', request['sockets'] + '/guestfsd.sock']
    subprocess.Popen(['sh', '-c', 'sleep 600; :', *command])
    print('hanging', flush=True)
    sys.stdin = None
    while True:
        subprocess.run(['sleep', '600'])
if request['task'] == 'crash':
    sys.exit('qemu: out of memory')
with open(sys.argv[1] + '/answer.json', 'w') as stream:
    json.dump(request['answer'], stream)
