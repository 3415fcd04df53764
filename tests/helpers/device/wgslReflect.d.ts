// Types for the one file of wgsl_reflect that Node can load.
declare module 'wgsl_reflect/wgsl_reflect.module.js' {
  export { ArrayInfo, ResourceType, StructInfo, WgslReflect, type TypeInfo } from 'wgsl_reflect';
}
