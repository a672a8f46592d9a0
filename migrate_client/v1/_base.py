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


"""What all resources of the API have in common."""

from openstack import exceptions
from openstack import resource
from openstack import utils


class Resource(resource.Resource):
    """A resource of version 1, microversion 1.0."""

    _max_microversion = '1.0'

    def _act(self, session, action, body=None, method='POST'):
        """Ask for the sub-resource ``action``; return the resource."""
        session = self._get_session(session)
        response = session.request(
            utils.urljoin(self.base_path, self.id, action),
            method,
            json=body,
            microversion=self._get_microversion(session),
        )
        exceptions.raise_from_response(response)
        if response.content:
            self._translate_response(response)
        return self
