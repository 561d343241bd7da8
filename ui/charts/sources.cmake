target_sources(hearsay_ui PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/format.cpp
  ${CMAKE_CURRENT_LIST_DIR}/time_chart.cpp
  ${CMAKE_CURRENT_LIST_DIR}/time_axis.cpp
  ${CMAKE_CURRENT_LIST_DIR}/chart_stack.cpp
  ${CMAKE_CURRENT_LIST_DIR}/region_layer.cpp
  ${CMAKE_CURRENT_LIST_DIR}/spectrogram_view.cpp
  ${CMAKE_CURRENT_LIST_DIR}/spectrogram_store.cpp
  ${CMAKE_CURRENT_LIST_DIR}/waveform_view.cpp
  ${CMAKE_CURRENT_LIST_DIR}/similarity_bars.cpp
  ${CMAKE_CURRENT_LIST_DIR}/grid_names.cpp
  ${CMAKE_CURRENT_LIST_DIR}/class_timeline.cpp)
