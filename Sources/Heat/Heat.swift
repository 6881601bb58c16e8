// Heat
