// Types for the one file of wgsl_reflect that Node can load.
declare module 'wgsl_reflect/wgsl_reflect.module.js' {
  export { ResourceType, WgslReflect } from 'wgsl_reflect';
}
