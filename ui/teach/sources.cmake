target_sources(hearsay_ui PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/accuracy_bars.cpp
  ${CMAKE_CURRENT_LIST_DIR}/caption_panel.cpp
  ${CMAKE_CURRENT_LIST_DIR}/caption_source.cpp
  ${CMAKE_CURRENT_LIST_DIR}/caption_table_model.cpp
  ${CMAKE_CURRENT_LIST_DIR}/class_editor.cpp
  ${CMAKE_CURRENT_LIST_DIR}/class_search.cpp
  ${CMAKE_CURRENT_LIST_DIR}/class_hints.cpp
  ${CMAKE_CURRENT_LIST_DIR}/class_table_model.cpp
  ${CMAKE_CURRENT_LIST_DIR}/recipe_panel.cpp
  ${CMAKE_CURRENT_LIST_DIR}/result_view.cpp
  ${CMAKE_CURRENT_LIST_DIR}/similarity_view.cpp
  ${CMAKE_CURRENT_LIST_DIR}/swatch_delegate.cpp
  ${CMAKE_CURRENT_LIST_DIR}/teach_page.cpp
  ${CMAKE_CURRENT_LIST_DIR}/teach_page_layout.cpp
  ${CMAKE_CURRENT_LIST_DIR}/tuning_run.cpp
  ${CMAKE_CURRENT_LIST_DIR}/tuning_view.cpp
  ${CMAKE_CURRENT_LIST_DIR}/unfinished_bar.cpp)
