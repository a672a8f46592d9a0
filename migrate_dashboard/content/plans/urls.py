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


"""URLs of the plans."""

from django.urls import path

from migrate_dashboard.content.plans import views

urlpatterns = [
    path('', views.IndexView.as_view(), name='index'),
    path('rows.json', views.RowsView.as_view(), name='rows'),
    path('import/', views.ImportView.as_view(), name='import'),
    path('<str:plan_id>/', views.DetailView.as_view(), name='detail'),
    path('<str:plan_id>/parts.json', views.PartsView.as_view(), name='parts'),
    path('<str:plan_id>/plan.yaml', views.ExportView.as_view(), name='export'),
    path(
        '<str:object_id>/<str:action>/',
        views.ActionView.as_view(),
        name='act',
    ),
]
