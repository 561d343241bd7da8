target_sources(hearsay_ui PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/confusion_view.cpp
  ${CMAKE_CURRENT_LIST_DIR}/evaluation_view.cpp
  ${CMAKE_CURRENT_LIST_DIR}/file_batch.cpp
  ${CMAKE_CURRENT_LIST_DIR}/file_controls.cpp
  ${CMAKE_CURRENT_LIST_DIR}/file_detail_view.cpp
  ${CMAKE_CURRENT_LIST_DIR}/file_filter.cpp
  ${CMAKE_CURRENT_LIST_DIR}/file_keeper.cpp
  ${CMAKE_CURRENT_LIST_DIR}/file_labels.cpp
  ${CMAKE_CURRENT_LIST_DIR}/file_table_model.cpp
  ${CMAKE_CURRENT_LIST_DIR}/file_table_shown.cpp
  ${CMAKE_CURRENT_LIST_DIR}/files_page.cpp
  ${CMAKE_CURRENT_LIST_DIR}/files_page_actions.cpp
  ${CMAKE_CURRENT_LIST_DIR}/files_page_layout.cpp
  ${CMAKE_CURRENT_LIST_DIR}/followed_result.cpp
  ${CMAKE_CURRENT_LIST_DIR}/kept_files.cpp
  ${CMAKE_CURRENT_LIST_DIR}/reliability_view.cpp
  ${CMAKE_CURRENT_LIST_DIR}/result_export.cpp)
