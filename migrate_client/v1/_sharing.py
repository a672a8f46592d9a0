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

"""The calls that share a source with projects; administrators only."""

from openstack import proxy

from migrate_client.v1 import grant as _grant


class Sharing(proxy.Proxy):
    """The part of the proxy that is about grants."""

    def grants(self, source, **query):
        """Yield the grants of a source."""
        source_id = getattr(source, 'id', source)
        return self._list(_grant.Grant, source_id=source_id, **query)

    def get_grant(self, grant, source):
        """Return a grant of a source, by id."""
        source_id = getattr(source, 'id', source)
        return self._get(_grant.Grant, grant, source_id=source_id)

    def create_grant(self, source, **attrs):
        """Let a project see a part of a source."""
        source_id = getattr(source, 'id', source)
        return self._create(_grant.Grant, source_id=source_id, **attrs)

    def delete_grant(self, grant, source, force=False):
        """Take a grant back.

        :param force: also while its project moves machines of the source.
        """
        found = _grant.Grant.new(
            id=getattr(grant, 'id', grant),
            source_id=getattr(source, 'id', source),
        )
        found.take_back(self, force)
