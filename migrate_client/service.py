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


"""Gives an openstacksdk connection its ``migration`` proxy."""

from openstack import service_description

from migrate_client.v1 import _proxy


class MigrationService(service_description.ServiceDescription[_proxy.Proxy]):
    """The migration service; its type in the catalog is ``migration``."""

    supported_versions = {'1': _proxy.Proxy}


def attach(connection):
    """Give ``connection`` its ``migration`` proxy and return it.

    :param connection: an :class:`openstack.connection.Connection`.
    :returns: a :class:`migrate_client.v1._proxy.Proxy`.
    """
    connection.add_service(MigrationService('migration'))
    return connection.migration
