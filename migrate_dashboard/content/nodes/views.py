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


"""Views of conversion nodes; operators only."""

from django.utils.translation import gettext_lazy as _
from horizon import exceptions
from horizon import tables

from migrate_dashboard import api
from migrate_dashboard.content.nodes import tables as node_tables


class IndexView(tables.DataTableView):
    table_class = node_tables.NodesTable
    template_name = 'migrate/nodes/index.html'
    page_title = _('Conversion Nodes')

    def get_data(self):
        try:
            return api.call(self.request, 'workers')
        except exceptions.HorizonException:
            exceptions.handle(self.request)
            return []
