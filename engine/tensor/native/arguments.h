// What the addon's methods are given. Functions are false where it is something else.
#pragma once

#include <node_api.h>

#include <cstdint>
#include <string>
#include <vector>

namespace stillroom {

inline napi_value Throw(napi_env env, const std::string &message) {
  napi_throw_error(env, nullptr, message.c_str());
  return nullptr;
}

template <size_t count>
bool ReadArguments(napi_env env, napi_callback_info info, napi_value (&arguments)[count]) {
  size_t given = count;
  return napi_get_cb_info(env, info, &given, arguments, nullptr, nullptr) == napi_ok && given >= count;
}

inline bool ReadString(napi_env env, napi_value value, std::string *text) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok) return false;
  text->resize(length + 1);
  if (napi_get_value_string_utf8(env, value, &(*text)[0], length + 1, &length) != napi_ok) return false;
  text->resize(length);
  return true;
}

inline bool ReadStrings(napi_env env, napi_value value, std::vector<std::string> *texts) {
  bool is_array = false;
  uint32_t count = 0;
  if (napi_is_array(env, value, &is_array) != napi_ok || !is_array) return false;
  if (napi_get_array_length(env, value, &count) != napi_ok) return false;
  for (uint32_t i = 0; i < count; i++) {
    napi_value element;
    std::string text;
    if (napi_get_element(env, value, i, &element) != napi_ok || !ReadString(env, element, &text)) return false;
    texts->push_back(text);
  }
  return true;
}

inline bool ReadBytes(napi_env env, napi_value value, void **bytes, size_t *length) {
  bool is_typed_array = false;
  napi_typedarray_type type = napi_int8_array;
  return napi_is_typedarray(env, value, &is_typed_array) == napi_ok && is_typed_array &&
         napi_get_typedarray_info(env, value, &type, length, bytes, nullptr, nullptr) == napi_ok &&
         type == napi_uint8_array;
}

inline bool ReadNumbers(napi_env env, napi_value value, std::vector<int64_t> *numbers) {
  uint32_t count = 0;
  if (napi_get_array_length(env, value, &count) != napi_ok) return false;
  for (uint32_t i = 0; i < count; i++) {
    napi_value element;
    int64_t number = 0;
    if (napi_get_element(env, value, i, &element) != napi_ok ||
        napi_get_value_int64(env, element, &number) != napi_ok) {
      return false;
    }
    numbers->push_back(number);
  }
  return true;
}

inline bool ReadCount(napi_env env, napi_value value, uint32_t *count) {
  int32_t number = -1;
  if (napi_get_value_int32(env, value, &number) != napi_ok || number < 0) return false;
  *count = static_cast<uint32_t>(number);
  return true;
}

}  // namespace stillroom
