/** The parts of the File System Access API that TypeScript's DOM types lack; only Chromium has them. */
interface FileSystemHandle {
  queryPermission(descriptor: { readonly mode: 'read' }): Promise<PermissionState>;
  requestPermission(descriptor: { readonly mode: 'read' }): Promise<PermissionState>;
}
